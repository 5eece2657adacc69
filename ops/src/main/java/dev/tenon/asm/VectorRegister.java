package dev.tenon.asm;

/**
 * A vector register, perhaps with a mask that selects elements.
 *
 * @param number 0 to 31; 16 and above need AVX-512
 * @param bits 128, 256 or 512
 * @param mask the number of a mask register, or 0
 * @param zeroing whether elements outside of the mask become zero
 */
public record VectorRegister(int number, int bits, int mask, boolean zeroing) implements Operand {
    /**
     * A register.
     *
     * @param number 0 to 31
     * @param bits 128, 256 or 512
     * @param mask 0 to 7
     * @param zeroing whether elements outside of the mask become zero
     */
    public VectorRegister {
        if (number < 0 || number > 31 || bits != 128 && bits != 256 && bits != 512) {
            throw new IllegalArgumentException("no vector register " + number + " of " + bits + " bits");
        }
        if (mask < 0 || mask > 7 || zeroing && mask == 0) {
            throw new IllegalArgumentException("mask register " + mask + " can't select elements");
        }
    }

    /**
     * A register without a mask.
     *
     * @param number 0 to 31
     * @param bits 128, 256 or 512
     * @return the register
     */
    public static VectorRegister of(int number, int bits) {
        return new VectorRegister(number, bits, 0, false);
    }

    /**
     * Neighbouring registers without masks.
     *
     * @param first the number of the first one
     * @param count how many
     * @param bits 128, 256 or 512
     * @return the registers
     */
    public static VectorRegister[] range(int first, int count, int bits) {
        VectorRegister[] registers = new VectorRegister[count];
        for (int i = 0; i < count; i++) {
            registers[i] = of(first + i, bits);
        }
        return registers;
    }

    /**
     * A register of 128 bits.
     *
     * @param number 0 to 31
     * @return the register
     */
    public static VectorRegister xmm(int number) {
        return of(number, 128);
    }

    /**
     * A register of 256 bits.
     *
     * @param number 0 to 31
     * @return the register
     */
    public static VectorRegister ymm(int number) {
        return of(number, 256);
    }

    /**
     * A register of 512 bits.
     *
     * @param number 0 to 31
     * @return the register
     */
    public static VectorRegister zmm(int number) {
        return of(number, 512);
    }

    /**
     * The same register at another width.
     *
     * @param width 128, 256 or 512
     * @return the register
     */
    public VectorRegister as(int width) {
        return new VectorRegister(number, width, mask, zeroing);
    }

    /**
     * The same register, of which only the elements of a mask are written.
     *
     * @param k the mask
     * @return the operand
     */
    public VectorRegister masked(MaskRegister k) {
        return new VectorRegister(number, bits, k.number(), false);
    }

    /**
     * The same register, in which the elements outside of a mask become zero.
     *
     * @param k the mask
     * @return the operand
     */
    public VectorRegister zeroed(MaskRegister k) {
        return new VectorRegister(number, bits, k.number(), true);
    }
}
