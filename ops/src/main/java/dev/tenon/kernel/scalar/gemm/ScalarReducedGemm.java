package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products of float32 rows with weights of bytes or BF16 by plain loops along the rows of the weights. A model that was
 * optimised for a machine with such products runs through it elsewhere.
 */
public final class ScalarReducedGemm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT;
    private static final long PART_WORK = 20_000;
    private static final float GREATEST = 255;
    private static final int SCALE_OPERAND = 2;

    /** The rows of weights that are multiplied together. */
    private static final int TERMS = 4;

    private final GemmProblem p;
    private final boolean bytes;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param problem the problem, whose weights are not packed
     */
    public ScalarReducedGemm(ReducedGemmProblem problem) {
        p = problem.product();
        bytes = problem.kind() == ReducedGemmProblem.Kind.BYTES;
        partition = RowPartition.of(p.m(), (long) Math.max(1, p.n()) * Math.max(1, p.k()), PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes());
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, bytes ? "gemm_f32_as_u8_scalar" : "gemm_f32_as_bf16_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * p.n() * p.k() / 4;
    }

    // Scratch memory: the sums of a row, and the terms of a row, which are padded with zeros.

    private long termsAt() {
        return (long) p.n() * Integer.BYTES;
    }

    private long ownScratchBytes() {
        return termsAt() + ((long) p.k() + TERMS) * Integer.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.yOperand()];
        for (long row = partition.start(from); row < partition.start(to) && p.n() > 0; row++) {
            if (bytes) {
                ofBytes(row, operands, scratch);
            } else {
                ofBFloat16(row, operands, scratch);
            }
            MemorySegment bias = p.c().operand() < 0 ? null : operands[p.c().operand()];
            for (int j = 0; j < p.n() && bias != null; j++) {
                long at = row * p.n() + j;
                y.setAtIndex(F32, at, y.getAtIndex(F32, at) + bias.getAtIndex(F32, j));
            }
            if (epilogue != null) {
                epilogue.apply(y, row * p.n() * Float.BYTES, 1, p.n(), p.n(), operands, scratch);
            }
        }
    }

    private void ofBytes(long row, MemorySegment[] operands, MemorySegment scratch) {
        float scale = quantize(operands[0], row * p.k(), scratch);
        for (int j = 0; j < p.n(); j++) {
            scratch.setAtIndex(I32, j, 0);
        }
        MemorySegment w = operands[1];
        long terms = termsAt();
        for (int t = 0; t < p.k(); t += TERMS, terms += (long) TERMS * Integer.BYTES) {
            int rest = p.k() - t;
            long at = (long) t * p.n();
            addProducts(
                    scratch.get(I32, terms),
                    scratch.get(I32, terms + Integer.BYTES),
                    scratch.get(I32, terms + 2 * Integer.BYTES),
                    scratch.get(I32, terms + 3 * Integer.BYTES),
                    w,
                    at,
                    p.n(),
                    Math.min(rest, TERMS),
                    scratch);
        }
        MemorySegment y = operands[p.yOperand()];
        MemorySegment scales = operands[SCALE_OPERAND];
        for (int j = 0; j < p.n(); j++) {
            y.setAtIndex(F32, row * p.n() + j, scratch.getAtIndex(I32, j) * scale * scales.getAtIndex(F32, j));
        }
    }

    /** Adds products with up to four rows of weights to the sums. The numbers of rows that are missing are 0. */
    private static void addProducts(
            int x0, int x1, int x2, int x3, MemorySegment w, long at, int n, int rows, MemorySegment sums) {
        long second = rows > 1 ? at + n : at;
        long third = rows > 2 ? at + 2L * n : at;
        long fourth = rows > 3 ? at + 3L * n : at;
        for (int j = 0; j < n; j++) {
            int sum = sums.get(I32, (long) j * Integer.BYTES);
            sum += x0 * w.get(I8, at + j) + x1 * w.get(I8, second + j);
            sum += x2 * w.get(I8, third + j) + x3 * w.get(I8, fourth + j);
            sums.set(I32, (long) j * Integer.BYTES, sum);
        }
    }

    /**
     * Quantises a row to integers from 0 to 255, and leaves them less their zero point in scratch memory.
     *
     * @return the scale; NaN if the range of the row is not finite
     */
    private float quantize(MemorySegment x, long from, MemorySegment scratch) {
        float least = 0;
        float most = 0;
        for (int t = 0; t < p.k(); t++) {
            float v = x.getAtIndex(F32, from + t);
            least = Math.min(least, v);
            most = Math.max(most, v);
        }
        float step = (most - least) / GREATEST;
        float scale = step == 0 ? 1 : step;
        float zero = (float) Math.rint(-least / scale);
        for (int t = 0; t < p.k(); t++) {
            float q = (float) Math.rint(x.getAtIndex(F32, from + t) / scale) + zero;
            scratch.set(I32, termsAt() + (long) t * Integer.BYTES, (int) (Math.clamp(q, 0, GREATEST) - zero));
        }
        for (int t = p.k(); t < p.k() + TERMS; t++) {
            scratch.set(I32, termsAt() + (long) t * Integer.BYTES, 0);
        }
        return Float.isFinite(step) ? scale : Float.NaN;
    }

    private void ofBFloat16(long row, MemorySegment[] operands, MemorySegment scratch) {
        MemorySegment x = operands[0];
        MemorySegment w = operands[1];
        for (int j = 0; j < p.n(); j++) {
            scratch.setAtIndex(F32, j, 0);
        }
        for (int t = 0; t < p.k(); t++) {
            float term = BFloat16.toFloat(BFloat16.fromFloat(x.getAtIndex(F32, row * p.k() + t)));
            long at = (long) t * p.n();
            for (int j = 0; j < p.n(); j++) {
                float weight = Float.intBitsToFloat(w.getAtIndex(I16, at + j) << Short.SIZE);
                scratch.setAtIndex(F32, j, scratch.getAtIndex(F32, j) + term * weight);
            }
        }
        MemorySegment.copy(scratch, 0, operands[p.yOperand()], row * p.n() * Float.BYTES, (long) p.n() * Float.BYTES);
    }
}
