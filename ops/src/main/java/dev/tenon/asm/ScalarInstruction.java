package dev.tenon.asm;

/** Instructions on general-purpose registers beyond the plain ones that have methods of their own in {@link X64Assembler}. */
public enum ScalarInstruction {
    /** Loads 2 bytes; the other bits of the register become 0. */
    MOVZX_WORD(true, 0xB7, false),
    /** Loads 2 bytes with their sign. */
    MOVSX_WORD(true, 0xBF, true),
    /** Loads 1 byte; the other bits of the register become 0. */
    MOVZX_BYTE(true, 0xB6, false),
    /** Loads 4 bytes with their sign. */
    MOVSX_INT(false, 0x63, true),
    /** Compares 4 bytes of memory, on the left, with a register. */
    CMP_MEMORY_32(false, 0x39, false),
    /** Compares 8 bytes of memory, on the left, with a register. */
    CMP_MEMORY(false, 0x39, true),
    /** The bits that are in either of two registers, 32 bits wide. */
    OR_32(false, 0x0B, false),
    /** The bits that differ between two registers, 32 bits wide. */
    XOR_32(false, 0x33, false),
    /** Multiplies. */
    IMUL(true, 0xAF, true);

    private final boolean twoBytes;
    private final int opcode;
    private final boolean wide;

    ScalarInstruction(boolean twoBytes, int opcode, boolean wide) {
        this.twoBytes = twoBytes;
        this.opcode = opcode;
        this.wide = wide;
    }

    /** Whether 0F comes before the opcode. */
    boolean twoBytes() {
        return twoBytes;
    }

    int opcode() {
        return opcode;
    }

    /** Whether it works on 64 bits. */
    boolean wide() {
        return wide;
    }
}
