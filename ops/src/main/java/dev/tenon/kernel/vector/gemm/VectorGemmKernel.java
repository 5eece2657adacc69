package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Stacks of float32 products by {@link VectorGemm}. A packed right operand is read in place. If it is not packed, each
 * part packs a right matrix into scratch memory, or some columns of one if the stack is small, and multiplies all left
 * matrices that are paired with it. A transposed left operand is transposed while its rows are packed. {@link
 * GemmEpilogue} does what goes beyond a product and a row bias.
 */
public final class VectorGemmKernel implements Kernel {
    /** The fewest parts of a stack of few large products, if its columns allow. */
    private static final int TARGET_PARTS = 8;

    /** The multiply-adds of a part that make packing worthwhile. */
    private static final long PART_WORK = 1 << 20;

    private final GemmProblem problem;
    private final VectorGemm gemm;
    private final VectorGemm lastGemm;
    private final int partColumns;
    private final int columnParts;

    /** The indices of the products, sorted by right matrix. */
    private final int[] productOrder;

    /** For each right matrix the start of its products in {@link #productOrder}, and the end of all. */
    private final int[] orderStart;

    private final TileEpilogue epilogue;

    private VectorGemmKernel(GemmProblem p, Tiling tiling) {
        problem = p;
        RowPacker source = p.transA() ? new TransposedRowPacker(p.m()) : null;
        if (p.packedB()) {
            columnParts = 1;
            partColumns = p.n();
            productOrder = new int[0];
            orderStart = new int[1];
            gemm = new VectorGemm(p.m(), p.n(), p.k(), tiling, source);
            lastGemm = gemm;
            epilogue = TileEpilogue.withScratchAfter(GemmEpilogue.of(p, true), 0);
            return;
        }
        orderStart = new int[1 + Arrays.stream(p.bMatrix()).max().orElse(-1) + 1];
        productOrder = sortByRightMatrix(p.bMatrix(), orderStart);
        int panels = Math.max(1, VectorPanels.panels(p.n()));
        long work = (long) p.m() * p.n() * Math.max(1, p.k());
        long wantedParts = Math.min(Math.ceilDiv(TARGET_PARTS, matrices()), Math.max(1, work / PART_WORK));
        int partPanels = Math.ceilDiv(panels, (int) Math.min(panels, wantedParts));
        partColumns = Math.min(p.n(), partPanels * VectorPanels.COLUMNS);
        columnParts = Math.max(1, Math.ceilDiv(p.n(), Math.max(1, partColumns)));
        gemm = new VectorGemm(p.m(), partColumns, p.k(), tiling, source);
        lastGemm = new VectorGemm(p.m(), p.n() - partColumns * (columnParts - 1), p.k(), tiling, source);
        epilogue = TileEpilogue.withScratchAfter(GemmEpilogue.of(p, true), panelBytes());
    }

    /** Sorts products by their right matrices, and counts the products of each right matrix. */
    private static int[] sortByRightMatrix(int[] right, int[] starts) {
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

    /** The number of right matrices, at least 1. */
    private int matrices() {
        return Math.max(1, orderStart.length - 1);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a float32 problem; a stack only if A is not stored transposed
     * @param tiling chooses block sizes
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
                : Math.multiplyExact(matrices(), columnParts);
    }

    @Override
    public long partNanos() {
        return problem.packedB()
                ? gemm.partNanos()
                : gemm.partNanos() * gemm.parts() * Math.ceilDiv(problem.count(), matrices()) + packNanos();
    }

    private long packNanos() {
        return (long) problem.k() * partColumns / 4;
    }

    @Override
    public long scratchBytes() {
        long kernelBytes = problem.packedB() ? 0 : panelBytes();
        return epilogue != null && epilogue.asStoreEpilogue() != null
                ? kernelBytes
                : TileEpilogue.scratchBytes(epilogue, kernelBytes);
    }

    private long panelBytes() {
        return VectorPanels.byteSize(problem.k(), partColumns);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (problem.count() == 0) {
            return;
        }
        if (!problem.packedB()) {
            for (int part = from; part < to; part++) {
                multiply(part / columnParts, part % columnParts, operands, scratch);
            }
            return;
        }
        int partsPerProduct = gemm.parts();
        for (int part = from; part < to; ) {
            int product = part / partsPerProduct;
            int first = part - product * partsPerProduct;
            int last = Math.min(partsPerProduct, to - product * partsPerProduct);
            multiply(gemm, first, last, product, 0, operands, scratch);
            part += last - first;
        }
    }

    /** Packs some columns of a right matrix and multiplies all left matrices that are paired with it. */
    private void multiply(int matrix, int part, MemorySegment[] operands, MemorySegment scratch) {
        GemmProblem p = problem;
        if (orderStart[matrix] == orderStart[matrix + 1]) {
            return;
        }
        int column = part * partColumns;
        int columns = part == columnParts - 1 ? p.n() - column : partColumns;
        long bAt = ((long) matrix * p.k() * p.n() + (p.transB() ? (long) column * p.k() : column)) * Float.BYTES;
        if (p.transB()) {
            VectorPanels.packTransposed(operands[1], bAt, p.k(), p.k(), columns, scratch, 0);
        } else {
            VectorPanels.pack(operands[1], bAt, p.n(), p.k(), columns, scratch, 0);
        }
        VectorGemm g = part == columnParts - 1 ? lastGemm : gemm;
        for (int i = orderStart[matrix]; i < orderStart[matrix + 1]; i++) {
            multiply(g, 0, g.parts(), productOrder[i], column, operands, scratch);
        }
    }

    /** Computes parts of a product with the panels that begin at a column. */
    private void multiply(
            VectorGemm g, int from, int to, int product, int column, MemorySegment[] operands, MemorySegment scratch) {
        GemmProblem p = problem;
        MemorySegment panels = p.packedB() ? operands[1] : scratch;
        long panelsAt = p.packedB() ? p.bMatrix()[product] * VectorPanels.byteSize(p.k(), p.n()) : 0;
        MemorySegment bias = p.hasRowBias() ? operands[p.c().operand()] : null;
        MemorySegment y = operands[p.yOperand()];
        long a = (long) p.aMatrix()[product] * p.m() * p.k() * Float.BYTES;
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
                epilogue,
                operands,
                scratch);
    }
}
