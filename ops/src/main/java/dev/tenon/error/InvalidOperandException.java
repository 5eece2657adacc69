package dev.tenon.error;

/** An operator was given operands or attributes that it does not take. The message names the operator and the node. */
public class InvalidOperandException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a node.
     *
     * @param thing the operator and the node, such as {@code Softmax 'attn/softmax'}
     * @param found the value that was found
     * @param allowed the values that are allowed, or null
     * @param cure how to fix it, or null
     */
    public InvalidOperandException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
