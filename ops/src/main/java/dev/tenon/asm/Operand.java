package dev.tenon.asm;

/** A register or an address that an instruction reads or writes. */
public sealed interface Operand permits Gpr, VectorRegister, MaskRegister, TileRegister, Address {
    /**
     * The number of a register.
     *
     * @return 0 to 31; for an address the number of its base register
     */
    int number();

    /**
     * The mask by which an instruction writes only some elements.
     *
     * @return 1 to 7, or 0 for all elements
     */
    default int mask() {
        return 0;
    }

    /**
     * Whether elements that the mask leaves out become zero, instead of keeping their values.
     *
     * @return true if they become zero
     */
    default boolean zeroing() {
        return false;
    }
}
