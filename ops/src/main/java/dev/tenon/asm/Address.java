package dev.tenon.asm;

/**
 * An address in memory: {@code base + index * scale + displacement}.
 *
 * @param base the base register
 * @param index the index register, never RSP; null for none
 * @param scale 1, 2, 4 or 8
 * @param displacement bytes
 * @param broadcast whether one element is read for all elements of a vector
 * @param mask the number of a mask register that selects the elements of a store, or 0
 */
public record Address(Gpr base, Gpr index, int scale, int displacement, boolean broadcast, int mask)
        implements Operand {
    /**
     * An address.
     *
     * @param base the base register
     * @param index the index register or null
     * @param scale 1, 2, 4 or 8
     * @param displacement bytes
     * @param broadcast whether one element is read for all
     * @param mask 0 to 7
     */
    public Address {
        if (index == Gpr.RSP || Integer.bitCount(scale) != 1 || scale < 1 || scale > 8) {
            throw new IllegalArgumentException("no address has index " + index + " times " + scale);
        }
        if (mask < 0 || mask > 7) {
            throw new IllegalArgumentException("mask register " + mask + " is outside 0 to 7");
        }
    }

    /**
     * A register and a displacement.
     *
     * @param base the base register
     * @param displacement bytes
     * @return the address
     */
    public static Address at(Gpr base, int displacement) {
        return new Address(base, null, 1, displacement, false, 0);
    }

    /**
     * A register, another one times a scale, and a displacement.
     *
     * @param base the base register
     * @param index the index register, never RSP
     * @param scale 1, 2, 4 or 8
     * @param displacement bytes
     * @return the address
     */
    public static Address at(Gpr base, Gpr index, int scale, int displacement) {
        return new Address(base, index, scale, displacement, false, 0);
    }

    /**
     * The same address some bytes farther on.
     *
     * @param bytes the distance, bytes
     * @return the address
     */
    public Address plus(int bytes) {
        return new Address(base, index, scale, displacement + bytes, broadcast, mask);
    }

    /**
     * The same address, from which one element is read for all elements of a vector. Needs AVX-512.
     *
     * @return the operand, {@code {1to16}} and the like
     */
    public Address broadcasting() {
        return new Address(base, index, scale, displacement, true, mask);
    }

    /**
     * The same address, to which only the elements of a mask are stored.
     *
     * @param k the mask
     * @return the operand
     */
    public Address masked(MaskRegister k) {
        return new Address(base, index, scale, displacement, broadcast, k.number());
    }

    @Override
    public int number() {
        return base.number();
    }
}
