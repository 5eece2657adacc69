package dev.tenon.kernel.x64;

import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R14;
import static dev.tenon.asm.Gpr.R15;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RDI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.X64Assembler;
import java.util.List;

/**
 * The begin and the end of a function, as Linux calls it: the address of its block of arguments is in RDI. The first bytes of
 * the block keep the registers that belong to the caller. The stack is not used.
 */
public final class Frame {
    /** The register that holds the address of the block of arguments. */
    public static final Gpr BLOCK = RDI;

    /** The bytes at the start of a block that a function uses for itself. */
    public static final int SAVE_BYTES = 64;

    private static final List<Gpr> SAVED = List.of(RBX, R12, R13, R14, R15);

    private Frame() {}

    /**
     * Saves the caller's registers.
     *
     * @param a the assembler
     */
    public static void enter(X64Assembler a) {
        for (int i = 0; i < SAVED.size(); i++) {
            a.store(Address.at(BLOCK, i * Long.BYTES), SAVED.get(i));
        }
    }

    /**
     * Restores the caller's registers and returns.
     *
     * @param a the assembler
     */
    public static void leave(X64Assembler a) {
        for (int i = 0; i < SAVED.size(); i++) {
            a.mov(SAVED.get(i), Address.at(BLOCK, i * Long.BYTES));
        }
        a.vzeroupper();
        a.ret();
    }
}
