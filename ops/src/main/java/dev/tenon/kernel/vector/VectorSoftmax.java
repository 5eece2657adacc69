package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.SoftmaxProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax over contiguous rows of float32, in blocks of rows that stay in the first cache: their maxima are taken, then
 * their exponentials go into an array, are scaled there and copied out. What is behind the last full vector of a row is
 * copied into the array beforehand and filled up with negative infinity, which changes neither maximum nor sum. Rows that
 * the array does not hold go through it in pieces.
 *
 * <p>No loop stores into a segment: C2 would check every load of a segment in it anew.
 */
public final class VectorSoftmax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = F32.length();
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 15;
    private static final int BLOCK_ROWS = 8;
    private static final int BLOCK_ELEMENTS = 4096;

    private final SoftmaxProblem p;
    private final RowParts split;
    private final int block;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowParts.of(p.outer(), p.length(), PART_ELEMENTS);
        this.block =
                p.length() > BLOCK_ELEMENTS ? 1 : Math.min(BLOCK_ROWS, BLOCK_ELEMENTS / SoftmaxRows.padded(p.length()));
    }

    /**
     * A kernel.
     *
     * @param p the rows, of inner 1; operands are input, output
     * @return the kernel
     */
    public static Kernel of(SoftmaxProblem p) {
        return new VectorSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (p.length() == 0) {
            return;
        }
        GemmScratch g = GemmScratch.take();
        try {
            long last = split.start(to);
            for (long first = split.start(from); first < last; first += block) {
                long at = first * p.length() * Float.BYTES;
                if (p.length() > BLOCK_ELEMENTS) {
                    longRow(operands[0], operands[1], at, g);
                } else {
                    rows(operands[0], operands[1], at, (int) Math.min(block, last - first), g);
                }
            }
        } finally {
            g.give();
        }
    }

    private void rows(MemorySegment x, MemorySegment y, long at, int rows, GemmScratch g) {
        int length = (int) p.length();
        tails(x, at, rows, length, g);
        maxima(x, at, rows, length, g);
        exponentials(x, at, rows, length, g);
        for (int r = 0; r < rows; r++) {
            float sum = Lanes.shortSum(g.lanes, r * LANES);
            g.factors[r] = p.log() ? logarithm(sum) : 1 / sum;
        }
        finish(x, y, at, rows, length, g);
    }

    /** The logarithm of a sum of lifted exponentials without the lift. */
    private static float logarithm(double sum) {
        return (float) Math.log(sum * VectorMath.UNLIFT);
    }

    private void longRow(MemorySegment x, MemorySegment y, long at, GemmScratch g) {
        float max = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < p.length(); i += BLOCK_ELEMENTS) {
            tails(x, at + i * Float.BYTES, 1, piece(i), g);
            maxima(x, at + i * Float.BYTES, 1, piece(i), g);
            max = Math.max(max, g.maxima[0]);
        }
        g.maxima[0] = max;
        double sum = 0;
        for (long i = 0; i < p.length(); i += BLOCK_ELEMENTS) {
            tails(x, at + i * Float.BYTES, 1, piece(i), g);
            exponentials(x, at + i * Float.BYTES, 1, piece(i), g);
            sum += Lanes.shortSum(g.lanes, 0);
            if (!p.log()) {
                store(y, at + i * Float.BYTES, 1, piece(i), g);
            }
        }
        g.factors[0] = p.log() ? logarithm(sum) : (float) (1 / sum);
        for (long i = 0; i < p.length(); i += BLOCK_ELEMENTS) {
            if (!p.log()) {
                MemorySegment.copy(y, SCALAR, at + i * Float.BYTES, g.rows, 0, piece(i));
            }
            finish(x, y, at + i * Float.BYTES, 1, piece(i), g);
        }
    }

    private int piece(long from) {
        return (int) Math.min(BLOCK_ELEMENTS, p.length() - from);
    }

    /** Copies what is behind the full vectors of rows. */
    private static void tails(MemorySegment x, long at, int rows, int length, GemmScratch g) {
        int tail = length % LANES;
        int padded = SoftmaxRows.padded(length);
        for (int r = 0; r < rows && tail > 0; r++) {
            int end = r * padded + length;
            for (int i = 0; i < tail; i++) {
                g.rows[end - tail + i] = x.get(SCALAR, at + ((r + 1L) * length - tail + i) * Float.BYTES);
            }
            for (int i = end; i < (r + 1) * padded; i++) {
                g.rows[i] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private static void maxima(MemorySegment x, long at, int rows, int length, GemmScratch g) {
        int body = length - length % LANES;
        for (int r = 0; r < rows; r++) {
            long from = at + (long) r * length * Float.BYTES;
            FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            int i = 0;
            for (; i + LANES < body; i += 2 * LANES) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE);
                FloatVector w = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES + STEP, LE);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
                b = b.blend(w, w.compare(VectorOperators.GT, b));
            }
            if (i < body) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
            }
            if (body < length) {
                FloatVector v = FloatVector.fromArray(F32, g.rows, r * SoftmaxRows.padded(length) + body);
                b = b.blend(v, v.compare(VectorOperators.GT, b));
            }
            g.maxima[r] = Lanes.max(a.blend(b, b.compare(VectorOperators.GT, a)));
        }
    }

    private static void exponentials(MemorySegment x, long at, int rows, int length, GemmScratch g) {
        int body = length - length % LANES;
        int padded = SoftmaxRows.padded(length);
        for (int r = 0; r < rows; r++) {
            long from = at + (long) r * length * Float.BYTES;
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            for (int i = 0; i < body; i += LANES) {
                FloatVector d = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE)
                        .sub(max);
                FloatVector e = VectorMath.liftedExp(d);
                e.intoArray(g.rows, r * padded + i);
                sum = sum.add(e);
                all = all.add(d);
            }
            sum.blend(all, all.compare(VectorOperators.NE, all)).intoArray(g.lanes, r * LANES);
        }
        if (body < length) {
            SoftmaxRows.tails(g.rows, rows, padded, body, g.maxima, g.lanes);
        }
    }

    private void finish(MemorySegment x, MemorySegment y, long at, int rows, int length, GemmScratch g) {
        if (p.log()) {
            tails(x, at, rows, length, g);
            subtract(x, at, rows, length, g);
        } else {
            int padded = SoftmaxRows.padded(length);
            SoftmaxRows.scale(g.rows, rows, padded, padded, g.factors);
        }
        store(y, at, rows, length, g);
    }

    private static void subtract(MemorySegment x, long at, int rows, int length, GemmScratch g) {
        int body = length - length % LANES;
        for (int r = 0; r < rows; r++) {
            long from = at + (long) r * length * Float.BYTES;
            int to = r * SoftmaxRows.padded(length);
            float max = g.maxima[r];
            float log = g.factors[r];
            for (int i = 0; i < body; i += LANES) {
                FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE)
                        .sub(max)
                        .sub(log)
                        .intoArray(g.rows, to + i);
            }
            for (int i = body; i < length; i++) {
                g.rows[to + i] = g.rows[to + i] - max - log;
            }
        }
    }

    private static void store(MemorySegment y, long at, int rows, int length, GemmScratch g) {
        int padded = SoftmaxRows.padded(length);
        if (padded == length) {
            MemorySegment.copy(g.rows, 0, y, SCALAR, at, rows * length);
            return;
        }
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(g.rows, r * padded, y, SCALAR, at + (long) r * length * Float.BYTES, length);
        }
    }
}
