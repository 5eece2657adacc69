package dev.tenon.op;

/**
 * A graph as the value of an attribute. This module does not see graphs: the module that defines them implements this.
 */
public interface GraphValue {}
