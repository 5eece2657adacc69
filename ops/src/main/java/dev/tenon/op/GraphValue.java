package dev.tenon.op;

/** A graph as the value of an attribute. Operators do not see graphs: the module that defines graphs implements this. */
public interface GraphValue {}
