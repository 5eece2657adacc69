package dev.tenon.op.cost;

/**
 * The work of one application of an operator, as its definition has it: a kernel may do with less, such as Winograd's
 * convolutions, or read an operand more than once.
 *
 * @param multiplyAdds multiplications whose results are added up in products and convolutions
 * @param others all other operations on elements; an element-wise function counts as one whatever it takes to compute
 * @param bytes what is read and written if each operand is read and each output written once; 0 for views
 */
public record Cost(long multiplyAdds, long others, long bytes) {
    /** No work. */
    public static final Cost NONE = new Cost(0, 0, 0);

    /**
     * The operations, two for a multiply-add.
     *
     * @return a count
     */
    public long flops() {
        return 2 * multiplyAdds + others;
    }

    /**
     * The work of both.
     *
     * @param other another cost
     * @return the sum
     */
    public Cost plus(Cost other) {
        return new Cost(multiplyAdds + other.multiplyAdds, others + other.others, bytes + other.bytes);
    }
}
