package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Stacks of float32 products by {@link VectorGemm}. A packed right operand is read as it lies; of one that is not packed,
 * each part packs a matrix, or some columns of one where the stack is small, into scratch, and multiplies it with all left
 * matrices that meet it. A left operand that lies transposed is turned while its rows are copied, and what is more than a
 * product and a row is done behind, see {@link GemmEpilogue}.
 */
public final class VectorGemmKernel implements Kernel {
    /** How many parts a stack of few large products is cut into, at least, where its columns allow. */
    private static final int PARTS = 8;

    /** Multiplications that make a part of a product worth packing for. */
    private static final long PART_WORK = 1 << 20;

    private final GemmProblem problem;
    private final VectorGemm gemm;
    private final VectorGemm lastGemm;
    private final int chunk;
    private final int chunks;
    /** The products, those with one right matrix after each other. */
    private final int[] order;
    /** Where the products with each right matrix begin in the order, and its end. */
    private final int[] starts;

    private final TileEpilogue end;

    private VectorGemmKernel(GemmProblem p, Tiling tiling) {
        problem = p;
        RowSource source = p.transA() ? new TransposedRows(p.m()) : null;
        if (p.packedB()) {
            chunks = 1;
            chunk = p.n();
            order = new int[0];
            starts = new int[1];
            gemm = new VectorGemm(p.m(), p.n(), p.k(), tiling, source);
            lastGemm = gemm;
            end = TileEpilogue.behind(GemmEpilogue.of(p, true), 0);
            return;
        }
        starts = new int[1 + Arrays.stream(p.right()).max().orElse(-1) + 1];
        order = order(p.right(), starts);
        int panels = Math.max(1, VectorPanels.panels(p.n()));
        long work = (long) p.m() * p.n() * Math.max(1, p.k());
        long wanted = Math.min(Math.ceilDiv(PARTS, matrices()), Math.max(1, work / PART_WORK));
        int each = Math.ceilDiv(panels, (int) Math.min(panels, wanted));
        chunk = Math.min(p.n(), each * VectorPanels.COLUMNS);
        chunks = Math.max(1, Math.ceilDiv(p.n(), Math.max(1, chunk)));
        gemm = new VectorGemm(p.m(), chunk, p.k(), tiling, source);
        lastGemm = new VectorGemm(p.m(), p.n() - chunk * (chunks - 1), p.k(), tiling, source);
        end = TileEpilogue.behind(GemmEpilogue.of(p, true), panelBytes());
    }

    /** Sorts products by their right matrices; every matrix up to the last has some. */
    private static int[] order(int[] right, int[] starts) {
        for (int matrix : right) {
            starts[matrix + 1]++;
        }
        for (int i = 1; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        int[] next = starts.clone();
        int[] order = new int[right.length];
        for (int i = 0; i < right.length; i++) {
            order[next[right[i]]++] = i;
        }
        return order;
    }

    /** The right matrices, at least 1. */
    private int matrices() {
        return Math.max(1, starts.length - 1);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem of float32; a stack if A does not lie transposed
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(GemmProblem p, Tiling tiling) {
        return new VectorGemmKernel(p, tiling);
    }

    @Override
    public String id() {
        String id = "gemm_f32_" + GemmTile.ROWS + "x" + GemmTile.COLUMNS + "_vector" + SimdSpecies.BITS
                + (problem.packedB() ? "" : "_packing");
        return TileEpilogue.id(problem.epilogue(), id);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return problem.packedB()
                ? Math.max(1, Math.multiplyExact(problem.count(), gemm.parts()))
                : Math.multiplyExact(matrices(), chunks);
    }

    @Override
    public long partNanos() {
        return problem.packedB()
                ? gemm.partNanos()
                : gemm.partNanos() * gemm.parts() * Math.ceilDiv(problem.count(), matrices()) + packNanos();
    }

    private long packNanos() {
        return (long) problem.k() * chunk / 4;
    }

    @Override
    public long scratchBytes() {
        long own = problem.packedB() ? 0 : panelBytes();
        return end != null && end.stored() != null ? own : TileEpilogue.scratchBytes(end, own);
    }

    private long panelBytes() {
        return VectorPanels.byteSize(problem.k(), chunk);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (problem.count() == 0) {
            return;
        }
        if (!problem.packedB()) {
            for (int part = from; part < to; part++) {
                multiply(part / chunks, part % chunks, operands, scratch);
            }
            return;
        }
        int each = gemm.parts();
        for (int part = from; part < to; ) {
            int product = part / each;
            int first = part - product * each;
            int last = Math.min(each, to - product * each);
            long b = problem.right()[product] * VectorPanels.byteSize(problem.k(), problem.n());
            multiply(gemm, first, last, product, 0, operands[1], b, operands, scratch);
            part += last - first;
        }
    }

    /** Packs some columns of a right matrix, and multiplies all left matrices with them that meet it. */
    private void multiply(int matrix, int part, MemorySegment[] operands, MemorySegment scratch) {
        GemmProblem p = problem;
        if (starts[matrix] == starts[matrix + 1]) {
            return;
        }
        int column = part * chunk;
        int columns = part == chunks - 1 ? p.n() - column : chunk;
        long bAt = ((long) matrix * p.k() * p.n() + (p.transB() ? (long) column * p.k() : column)) * Float.BYTES;
        VectorPanels.pack(operands[1], bAt, p.transB() ? p.k() : p.n(), p.transB(), p.k(), columns, scratch, 0);
        VectorGemm g = part == chunks - 1 ? lastGemm : gemm;
        for (int i = starts[matrix]; i < starts[matrix + 1]; i++) {
            multiply(g, 0, g.parts(), order[i], column, scratch, 0, operands, scratch);
        }
    }

    /** Computes parts of a product with panels of the right operand that begin at a column. */
    private void multiply(
            VectorGemm g,
            int from,
            int to,
            int product,
            int column,
            MemorySegment panels,
            long panelsAt,
            MemorySegment[] operands,
            MemorySegment scratch) {
        GemmProblem p = problem;
        MemorySegment bias = p.hasRowBias() ? operands[p.cOperand()] : null;
        MemorySegment y = operands[p.yOperand()];
        long a = (long) p.left()[product] * p.m() * p.k() * Float.BYTES;
        long at = ((long) product * p.m() * p.n() + column) * Float.BYTES;
        long biasAt = (long) column * Float.BYTES;
        g.run(
                from,
                to,
                operands[0],
                a,
                p.k(),
                panels,
                panelsAt,
                y,
                at,
                p.n(),
                bias,
                biasAt,
                false,
                end,
                operands,
                scratch);
    }
}
