package dev.tenon.kernel.x64;

import dev.tenon.asm.Gpr;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The general-purpose registers that a generator may still take. Not thread-safe. */
public final class Registers {
    private final Deque<Gpr> free = new ArrayDeque<>(List.of(
            Gpr.RAX, Gpr.RCX, Gpr.RDX, Gpr.RSI, Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11, Gpr.RBX, Gpr.R12, Gpr.R13, Gpr.R14,
            Gpr.R15));

    /** All registers but RSP, RBP and {@link Frame#BLOCK}. */
    public Registers() {}

    /**
     * Takes a register.
     *
     * @return a register that nobody else has
     * @throws IllegalStateException if none is left
     */
    public Gpr take() {
        if (free.isEmpty()) {
            throw new IllegalStateException("no general-purpose register is left");
        }
        return free.removeFirst();
    }

    /**
     * Takes several registers.
     *
     * @param count their number
     * @return the registers
     */
    public Gpr[] take(int count) {
        Gpr[] taken = new Gpr[count];
        for (int i = 0; i < count; i++) {
            taken[i] = take();
        }
        return taken;
    }

    /**
     * Gives a register back.
     *
     * @param register a register that was taken
     */
    public void give(Gpr register) {
        free.addFirst(register);
    }
}
