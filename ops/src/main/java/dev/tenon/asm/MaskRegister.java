package dev.tenon.asm;

/**
 * A mask register of AVX-512.
 *
 * @param number 1 to 7; number 0 stands for no mask
 */
public record MaskRegister(int number) implements Operand {
    /**
     * A register.
     *
     * @param number 1 to 7
     */
    public MaskRegister {
        if (number < 1 || number > 7) {
            throw new IllegalArgumentException("mask register " + number + " is outside 1 to 7");
        }
    }
}
