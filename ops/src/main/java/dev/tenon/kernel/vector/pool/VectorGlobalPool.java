package dev.tenon.kernel.vector.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Global pooling: maxima and averages of whole float32 planes. */
public final class VectorGlobalPool implements Kernel {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long PLANE_NANOS = 20;
    private static final long ELEMENTS_PER_NANO = 8;

    private final PoolProblem p;
    private final RowPartition partition;
    private final long pixels;

    private VectorGlobalPool(PoolProblem p) {
        this.p = p;
        pixels = p.window().pixels();
        partition = RowPartition.of(p.planes(), pixels, PART_ELEMENTS);
    }

    /**
     * The kernel of a problem.
     *
     * @param p planes with one window each, which covers all elements
     * @return the kernel
     */
    public static Kernel of(PoolProblem p) {
        return new VectorGlobalPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_global_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * (pixels / ELEMENTS_PER_NANO + PLANE_NANOS);
    }

    @Override
    public long scratchBytes() {
        return LaneSums.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        long first = partition.start(from);
        long end = partition.start(to);
        for (long i = first; i < end; i++) {
            long at = i * pixels * Float.BYTES;
            float result = p.average()
                    ? (float) (RowReductions.sum(x, at, pixels, scratch) / pixels)
                    : RowReductions.max(x, at, pixels);
            operands[1].set(SCALAR, i * Float.BYTES, result);
        }
    }
}
