package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.BlockRows;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;

/**
 * Measures products with weights in blocks, on one thread: of one row, whose weights come from memory, as GB/s of packed
 * weights; of many rows as GOP/s, two for each multiplication with its addition. It prints the best of several runs by the time of
 * the processor; the load of the machine belongs beside it. No test: {@code java -cp ... dev.tenon.kernel.table.gemm.FormatGemmSpeed}.
 */
public final class FormatGemmSpeed {
    private static final int K = 4096;
    private static final int N = 4096;
    private static final int MANY = 512;

    /** Together more than a core's share of the caches. */
    private static final int COPIES = 16;

    private static final int RUNS = 9;
    private static final double NANOS = 1e9;

    private FormatGemmSpeed() {}

    /**
     * Measures all formats, on the machine with all of its instruction sets or those that {@code -Dtenon.isa.max} leaves.
     *
     * @param args parts of names of formats; none for all
     */
    public static void main(String[] args) {
        System.out.printf("%-6s %-4s %10s %10s  %s%n", "format", "rows", "1: GB/s", MANY + ": GOP/s", "kernels");
        for (BlockFormat format : BlockFormat.values()) {
            if (args.length > 0 && !List.of(args).contains(format.name())) {
                continue;
            }
            for (Activations activations : Activations.values()) {
                BlockMatMul op = new BlockMatMul(format, activations);
                Tensor b = BlockRows.random(new Random(1), format, N, K);
                KernelRun.Prepared one = prepare(op, 1, b);
                KernelRun.Prepared many = prepare(op, MANY, b);
                Layout layout = one.request().layout(1);
                MemorySegment[] weights = new MemorySegment[COPIES];
                for (int i = 0; i < COPIES; i++) {
                    weights[i] = Arena.ofAuto().allocate(layout.byteSize(b.type()), 64);
                    if (i == 0) {
                        layout.pack(b, weights[i]);
                    } else {
                        weights[i].copyFrom(weights[0]);
                    }
                }
                double bytes = (double) COPIES * weights[0].byteSize();
                double decode = bytes / nanos(one, 1, weights);
                double prefill = 2.0 * MANY * N * K / nanos(many, MANY, weights[0]);
                System.out.printf(
                        "%-6s %-4s %10.1f %10.0f  %s, %s%n",
                        format,
                        activations,
                        decode,
                        prefill,
                        one.kernel().id(),
                        many.kernel().id());
            }
        }
    }

    private static KernelRun.Prepared prepare(BlockMatMul op, int rows, Tensor b) {
        List<Datum> inputs = List.of(Tensor.allocate(DType.FLOAT32, rows, K), b);
        return KernelRun.prepare(
                CoreKernels.set(),
                op,
                inputs,
                KernelRun.outputTypes(op, inputs, 1),
                true,
                Tiers.detect().capabilities());
    }

    /** The least time of a run over all weights, nanoseconds. */
    private static double nanos(KernelRun.Prepared p, int rows, MemorySegment... weights) {
        KernelRequest r = p.request();
        MemorySegment a = KernelRun.operand(Literals.normal(new Random(2), 1, DType.FLOAT32, rows, K));
        MemorySegment y =
                Arena.ofAuto().allocate(Layout.ROW_MAJOR.byteSize(r.outputs().getFirst()), 64);
        MemorySegment scratch = Arena.ofAuto().allocate(p.kernel().scratchBytes(), 64);
        double least = NANOS * NANOS;
        for (int run = 0; run < RUNS; run++) {
            long start = cpuNanos();
            for (MemorySegment w : weights) {
                p.kernel().runAll(new MemorySegment[] {a, w, y}, scratch);
            }
            least = Math.min(least, cpuNanos() - start);
        }
        return least;
    }

    /** The time that this thread has had of a processor, so that a busy machine counts for less. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
