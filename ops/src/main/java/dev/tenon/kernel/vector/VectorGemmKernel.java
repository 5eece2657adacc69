package dev.tenon.kernel.vector;

import dev.tenon.kernel.GemmProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import java.lang.foreign.MemorySegment;

/**
 * Stacks of float32 products by {@link VectorGemm}. A packed right operand is read as it lies, and the products of a
 * stack that share it are one product of more rows; one that is not packed is packed into scratch by each part, a part
 * being one product, or some columns of one where the stack is small.
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
    private final TileEpilogue epilogue;

    private VectorGemmKernel(GemmProblem p, Tiling tiling) {
        problem = p;
        if (p.packedB()) {
            chunks = 1;
            chunk = p.n();
            gemm = new VectorGemm(Math.multiplyExact(p.m(), p.count()), p.n(), p.k(), tiling);
            lastGemm = gemm;
            epilogue = TileEpilogue.behind(p.epilogue(), 0);
            return;
        }
        int panels = Math.max(1, VectorPanels.panels(p.n()));
        long work = (long) p.m() * p.n() * Math.max(1, p.k());
        long wanted = Math.min(Math.ceilDiv(PARTS, Math.max(1, p.count())), Math.max(1, work / PART_WORK));
        int each = Math.ceilDiv(panels, (int) Math.min(panels, wanted));
        chunk = Math.min(p.n(), each * VectorPanels.COLUMNS);
        chunks = Math.max(1, Math.ceilDiv(p.n(), Math.max(1, chunk)));
        gemm = new VectorGemm(p.m(), chunk, p.k(), tiling);
        lastGemm = new VectorGemm(p.m(), p.n() - chunk * (chunks - 1), p.k(), tiling);
        epilogue = TileEpilogue.behind(p.epilogue(), panelBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a simple problem of float32
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(GemmProblem p, Tiling tiling) {
        return new VectorGemmKernel(p, tiling);
    }

    @Override
    public String id() {
        String id = "gemm_f32_" + GemmTile.ROWS + "x" + GemmTile.COLUMNS + "_vector" + VectorShape.BITS
                + (problem.packedB() ? "" : "_packing");
        return TileEpilogue.id(epilogue, id);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return problem.packedB() ? gemm.parts() : Math.max(1, Math.multiplyExact(problem.count(), chunks));
    }

    @Override
    public long partNanos() {
        return problem.packedB() ? gemm.partNanos() : gemm.partNanos() * gemm.parts() + packNanos();
    }

    private long packNanos() {
        return (long) problem.k() * chunk / 4;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, problem.packedB() ? 0 : panelBytes());
    }

    private long panelBytes() {
        return VectorPanels.byteSize(problem.k(), chunk);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment bias = problem.cOperand() < 0 ? null : operands[problem.cOperand()];
        if (problem.packedB()) {
            MemorySegment a = operands[0];
            MemorySegment b = operands[1];
            MemorySegment y = operands[problem.yOperand()];
            int n = problem.n();
            gemm.run(from, to, a, 0, problem.k(), b, 0, y, 0, n, bias, 0, false, epilogue, operands, scratch);
            return;
        }
        for (int part = from; part < to && part < problem.count() * chunks; part++) {
            product(part / chunks, part % chunks, operands, bias, scratch);
        }
    }

    private void product(int index, int part, MemorySegment[] operands, MemorySegment bias, MemorySegment scratch) {
        GemmProblem p = problem;
        MemorySegment a = operands[0];
        MemorySegment y = operands[p.yOperand()];
        long matrix = (long) p.k() * p.n() * Float.BYTES;
        int column = part * chunk;
        int columns = part == chunks - 1 ? p.n() - column : chunk;
        long bAt = p.right()[index] * matrix + (p.transB() ? (long) column * p.k() : column) * Float.BYTES;
        VectorPanels.pack(operands[1], bAt, p.transB() ? p.k() : p.n(), p.transB(), p.k(), columns, scratch, 0);
        VectorGemm g = part == chunks - 1 ? lastGemm : gemm;
        long aAt = (long) p.left()[index] * p.m() * p.k() * Float.BYTES;
        long yAt = ((long) index * p.m() * p.n() + column) * Float.BYTES;
        long biasAt = (long) column * Float.BYTES;
        int all = g.parts();
        g.run(0, all, a, aAt, p.k(), scratch, 0, y, yAt, p.n(), bias, biasAt, false, epilogue, operands, scratch);
    }
}
