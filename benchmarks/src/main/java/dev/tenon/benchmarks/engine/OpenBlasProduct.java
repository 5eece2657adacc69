package dev.tenon.benchmarks.engine;

import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A product of float32 matrices by OpenBLAS on one thread. OpenBLAS has no function that packs a constant operand in
 * advance, so it packs operands in each call. A single row is computed by its product of vector and matrix, as programs
 * do that use OpenBLAS.
 */
public final class OpenBlasProduct implements PreparedRun {
    private static final long ALIGNMENT = 64;

    private final int m;
    private final int n;
    private final int k;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;

    /**
     * Copies the operands into native memory.
     *
     * @param a a float32 matrix [m,k]
     * @param b a float32 matrix [k,n]
     * @throws IllegalStateException if OpenBLAS is absent
     */
    public OpenBlasProduct(Tensor a, Tensor b) {
        String absence = OpenBlas.absence();
        if (absence != null) {
            throw new IllegalStateException(Engines.OPENBLAS + " cannot run here: " + absence);
        }
        m = Math.toIntExact(a.dim(0));
        k = Math.toIntExact(a.dim(1));
        n = Math.toIntExact(b.dim(1));
        Arena arena = Arena.ofAuto();
        this.a = copy(arena, a);
        this.b = copy(arena, b);
        c = arena.allocate((long) m * n * Float.BYTES, ALIGNMENT);
    }

    private static MemorySegment copy(Arena arena, Tensor tensor) {
        return arena.allocate(tensor.byteSize(), ALIGNMENT).copyFrom(tensor.segment());
    }

    @Override
    public void run() {
        if (m == 1) {
            OpenBlas.multiplyRow(n, k, a, b, c);
        } else {
            OpenBlas.multiply(m, n, k, a, b, c);
        }
    }

    @Override
    public float[] output() {
        return c.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Does nothing. The garbage collector frees the memory. */
    @Override
    public void close() {}
}
