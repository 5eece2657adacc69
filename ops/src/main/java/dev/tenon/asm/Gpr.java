package dev.tenon.asm;

/** A general-purpose register of 64 bits. The ordinal is the number that instructions hold. */
public enum Gpr implements Operand {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15;

    @Override
    public int number() {
        return ordinal();
    }
}
