package dev.tenon.kernel.table.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.TensorScatterProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.attention.TensorScatter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The kernel of TensorScatter against the reference, with a copy of the cache and in place. */
public class TensorScatterKernelsTest {
    private static Tensor any(Random random, DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(100));
        }
        return t;
    }

    private static KernelRun.Prepared prepare(TensorScatter op, List<Datum> in) {
        return KernelRun.prepare(
                CoreKernels.set(), op, in, List.of(((Tensor) in.getFirst()).type()), false, Capabilities.SCALAR);
    }

    @Property(tries = 200)
    void anyCache(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 9) int positions,
            @ForAll @IntRange(max = 9) int length,
            @ForAll @IntRange(min = 1, max = 5) int size,
            @ForAll @IntRange(min = 1, max = 3) int axis,
            @ForAll boolean circular,
            @ForAll boolean indexed) {
        Random random = new Random(seed);
        long[] dims = {batch, heads, positions, size};
        long[] update = dims.clone();
        update[axis] = Math.min(length, dims[axis]);
        DType type =
                List.of(DType.FLOAT32, DType.FLOAT16, DType.INT8, DType.FLOAT64).get(random.nextInt(4));
        List<Datum> in = new ArrayList<>(List.of(any(random, type, dims), any(random, type, update)));
        if (indexed) {
            Tensor starts = Tensor.allocate(DType.INT64, batch);
            for (int i = 0; i < batch; i++) {
                long room = dims[axis] - update[axis] + 1;
                starts.setLong(i, circular ? random.nextLong() : random.nextLong(room));
            }
            in.add(starts);
        }
        TensorScatter op = new TensorScatter(axis - (random.nextBoolean() ? 4 : 0), circular);
        assertThat(KernelCheck.run(CoreKernels.set(), op, in, 1, Capabilities.SCALAR))
                .isEqualTo("cache_scalar");
        KernelRun.Prepared prepared = prepare(op, in);
        assertThat(prepared.kernel().inPlace(0, 0)).isTrue();
        assertThat(prepared.kernel().inPlace(1, 0)).isFalse();
        assertThat(KernelCheck.inPlace(prepared, in, 0)
                        .contentEquals(KernelRun.run(prepared, in).getFirst()))
                .isTrue();
    }

    @Test
    void nothingIsWrittenWhereAnySampleDoesNotFit() {
        TensorScatterProblem p = new TensorScatterProblem(2, 3, 8, 2, 16, false, true, 3);
        Kernel kernel = TensorScatterKernels.TABLE.prepare(p, Capabilities.SCALAR);
        MemorySegment cache = Arena.ofAuto().allocate(p.allBlocks() * p.positions() * p.bytes(), 64);
        MemorySegment update = Arena.ofAuto().allocate(p.allBlocks() * p.updates() * p.bytes(), 64);
        update.fill((byte) 1);
        MemorySegment starts = Arena.ofAuto().allocate(2L * Long.BYTES, 64);
        starts.setAtIndex(ValueLayout.JAVA_LONG, 1, 7);
        MemorySegment[] operands = {cache, update, starts, cache};
        assertThatThrownBy(() -> kernel.run(operands, MemorySegment.NULL, 0, kernel.parts()))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("write_indices[1] is 7")
                .hasMessageContaining("[0, 6]");
        assertThat(cache.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    /** Called by {@code KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        TensorScatterProblem p = new TensorScatterProblem(2, 3, 64, 5, 128, true, true, 3);
        Kernel kernel = TensorScatterKernels.TABLE.prepare(p, Capabilities.SCALAR);
        long cache = p.allBlocks() * p.positions() * p.bytes();
        assertThat(KernelCheck.allocated(
                        kernel, cache, p.allBlocks() * p.updates() * p.bytes(), 2L * Long.BYTES, cache))
                .isZero();
    }
}
