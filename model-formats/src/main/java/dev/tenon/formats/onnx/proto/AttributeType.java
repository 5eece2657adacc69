package dev.tenon.formats.onnx.proto;

/** The kind of an attribute's value, with the schema's numbers. */
public enum AttributeType {
    /** Not given. */
    UNDEFINED(0),
    /** One float. */
    FLOAT(1),
    /** One 64-bit integer. */
    INT(2),
    /** One string of bytes. */
    STRING(3),
    /** One tensor. */
    TENSOR(4),
    /** One graph. */
    GRAPH(5),
    /** Floats. */
    FLOATS(6),
    /** 64-bit integers. */
    INTS(7),
    /** Strings of bytes. */
    STRINGS(8),
    /** Tensors. */
    TENSORS(9),
    /** Graphs. */
    GRAPHS(10),
    /** One sparse tensor. */
    SPARSE_TENSOR(11),
    /** Sparse tensors. */
    SPARSE_TENSORS(12),
    /** One type. */
    TYPE_PROTO(13),
    /** Types. */
    TYPE_PROTOS(14);

    private final int number;

    AttributeType(int number) {
        this.number = number;
    }

    /**
     * The number in the schema.
     *
     * @return 0 to 14
     */
    public int number() {
        return number;
    }
}
