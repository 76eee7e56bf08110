"""The operators' and auditors' calls: goods, merchants, keys, programmes, pools, blocks, the proof of the books."""
