package dev.tenon.plan;

import dev.tenon.nativecode.PageAdvice;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * The native memory of a session. The garbage collector frees each piece when it is unreachable; {@link #giveBack} returns
 * the pages of all of them to the system before that. Safe for any number of threads.
 */
public final class SessionMemory {
    /** Smaller pieces are left to the garbage collector: they are few pages, and many. */
    private static final long WORTH_RETURNING = 1 << 16;

    private static final int PIECES = 16;

    /** A piece, which its segment and all slices keep alive. */
    private record Piece(WeakReference<MemorySegment.Scope> owner, long address, long bytes) {}

    private final List<Piece> pieces = new ArrayList<>();
    private int crowded = PIECES;

    /** The memory of a session that has none yet. */
    public SessionMemory() {}

    /**
     * Takes memory, as {@link NativeMemory#take} does.
     *
     * @param purpose names the memory in errors
     * @param bytes how much
     * @return zeroed memory, aligned to 64 bytes
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory
     */
    public MemorySegment take(String purpose, long bytes) {
        MemorySegment memory = NativeMemory.take(purpose, bytes);
        if (bytes >= WORTH_RETURNING) {
            add(new Piece(new WeakReference<>(memory.scope()), memory.address(), bytes));
        }
        return memory;
    }

    private synchronized void add(Piece piece) {
        if (pieces.size() == crowded) {
            pieces.removeIf(each -> each.owner().get() == null);
            crowded = Math.max(PIECES, 2 * pieces.size());
        }
        pieces.add(piece);
    }

    /**
     * Returns the pages of all memory that was taken to the system. Its contents become zeros. Nothing may use it any more.
     *
     * @return the bytes that were returned; 0 where the system or the flags of the JVM do not allow it
     */
    public synchronized long giveBack() {
        long returned = 0;
        for (Piece piece : pieces) {
            MemorySegment.Scope owner = piece.owner().get();
            try {
                returned += owner == null ? 0 : PageAdvice.discard(piece.address(), piece.bytes());
            } finally {
                Reference.reachabilityFence(owner);
            }
        }
        pieces.clear();
        return returned;
    }
}
