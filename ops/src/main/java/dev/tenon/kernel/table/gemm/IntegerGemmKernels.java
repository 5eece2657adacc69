package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.ByteMatrix;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.scalar.gemm.ScalarIntegerGemm;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.gemm.IntegerPanelLayout;
import dev.tenon.kernel.vector.gemm.VectorIntegerGemm;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanelLayout;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.WordPanelLayout;
import dev.tenon.kernel.x64.gemm.X64IntegerGemm;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Kernels of MatMulInteger. Shapes that do not fit run through the reference. */
public final class IntegerGemmKernels implements AnchorFamily<IntegerGemmProblem> {
    /** The kernels of the family. */
    public static final KernelTable<IntegerGemmProblem> TABLE = new KernelTable<>(
            "gemm_i8",
            List.of(
                    inTileRegisters("gemm_u8s8_amx", false),
                    inTileRegisters("gemm_s8s8_amx", true),
                    inVectors("gemm_u8s8_x64", false),
                    inVectors("gemm_s8s8_x64", true),
                    new KernelChoice<>(
                            "gemm_i8_as_f32_vector",
                            (p, c) -> p.packing() instanceof IntegerPanelLayout
                                    ? c.refuseVector(Double.MAX_VALUE)
                                    : "the right operand is not packed for it",
                            (p, c) -> VectorIntegerGemm.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "gemm_i8_scalar",
                            (p, c) -> p.packing().equals(Layout.ROW_MAJOR) ? null : "the right operand is packed",
                            ScalarIntegerGemm::new)));

    /** The family. */
    public static final IntegerGemmKernels FAMILY = new IntegerGemmKernels();

    /** float32 represents every integer up to this one exactly. */
    private static final int EXACT = 1 << 24;

    private static final int MAX_COLUMNS = 1 << 20;

    private static final int BYTE_RANGE = 255;

    private IntegerGemmKernels() {}

    private static KernelChoice<IntegerGemmProblem> inTileRegisters(String id, boolean signedA) {
        return KernelChoice.assembled(
                id,
                CodeForm.BYTE_TILES,
                p -> refuseTileRegisters(p, signedA),
                (p, bits) -> X64IntegerGemm.ofTileRegisters(p));
    }

    private static KernelChoice<IntegerGemmProblem> inVectors(String id, boolean signedA) {
        return new KernelChoice<>(
                id,
                ByteArithmetic.FORMS,
                (p, c) -> refuseProduct(p, signedA, ByteArithmetic.of(c)),
                (p, c, form) -> X64IntegerGemm.of(p, ByteArithmetic.of(form)));
    }

    private static String refuseProduct(IntegerGemmProblem p, boolean signedA, ByteArithmetic best) {
        if (p.signedA() != signedA) {
            return "the left operand is " + (signedA ? "unsigned" : "signed");
        }
        if (!(p.packing() instanceof BytePanels panels)) {
            return "the right operand is not packed for it";
        }
        return panels.arithmetic(best) == null ? "the right operand is packed for another machine" : null;
    }

    /** The layout of a packed right operand for machine code. */
    private static Layout packed(Tensor b, int[] zeroPoints, ByteArithmetic best) {
        boolean signed = b.dtype() == DType.INT8;
        boolean pairsFit = best.widens() && BytePanelLayout.pairsFit(b);
        return best.widens() && !pairsFit
                ? new WordPanelLayout(zeroPoints, signed)
                : new BytePanelLayout(zeroPoints, signed, pairsFit);
    }

    private static String refuseTileRegisters(IntegerGemmProblem p, boolean signedA) {
        String reason = refuseProduct(p, signedA, ByteArithmetic.DOTS_512);
        if (reason == null) {
            reason = X64IntegerGemm.refuseTileRegisters(p.packing());
        }
        return reason == null ? X64IntegerGemm.refuseTileRegisters(p.m(), p.k()) : reason;
    }

    /** Whether a kernel may be selected that reads panels of bytes. */
    private static boolean admitsPanels(boolean signedA, Capabilities c) {
        String operands = signedA ? "gemm_s8s8_" : "gemm_u8s8_";
        return TABLE.admits(operands + "x64", c) || TABLE.admits(operands + "amx", c);
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        Tensor b = step.constant(1);
        if (input != 1
                || b == null
                || b.rank() != 2
                || !GemmKernels.fits(b.dim(0), b.dim(1))
                || b.dim(1) > MAX_COLUMNS
                || step.has(3) && step.constant(3) == null) {
            return Layout.ROW_MAJOR;
        }
        int[] zeroPoints = step.has(3) ? step.constant(3).toIntArray() : new int[1];
        if (zeroPoints.length != 1 && zeroPoints.length != b.dim(1)) {
            return Layout.ROW_MAJOR;
        }
        ByteArithmetic best = ByteArithmetic.of(step.capabilities());
        if (best != null && admitsPanels(step.dtype(0) == DType.INT8, step.capabilities())) {
            return packed(b, zeroPoints, best);
        }
        if (!step.capabilities().vector()) {
            return Layout.ROW_MAJOR;
        }
        int depth = depth(b, zeroPoints);
        return new IntegerPanelLayout(step.capabilities().vectorBits() / Float.SIZE * 2, depth, zeroPoints);
    }

    /** The most terms of a sum that a float32 holds exactly: all of them if the weights are small enough. */
    private static int depth(Tensor b, int[] zeroPoints) {
        int k = (int) b.dim(0);
        int n = (int) b.dim(1);
        boolean signed = b.dtype() == DType.INT8;
        int largest = signed && Arrays.stream(zeroPoints).allMatch(z -> z == 0) ? -Byte.MIN_VALUE : BYTE_RANGE;
        int depth = Integer.highestOneBit(EXACT / (BYTE_RANGE * largest));
        if (k <= depth) {
            return depth;
        }
        long[] sums = new long[n];
        byte[] row = new byte[n];
        for (long i = 0; i < k; i++) {
            MemorySegment.copy(b.segment(), ValueLayout.JAVA_BYTE, i * n, row, 0, n);
            for (int j = 0; j < n; j++) {
                int weight = signed ? row[j] : row[j] & BYTE_RANGE;
                sums[j] += Math.abs(weight - zeroPoints[zeroPoints.length == 1 ? 0 : j]);
            }
        }
        long most = Arrays.stream(sums).max().orElse(0);
        return most * BYTE_RANGE < EXACT ? k : depth;
    }

    @Override
    public KernelTable<IntegerGemmProblem> table(IntegerGemmProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<IntegerGemmProblem> problem(Op op, KernelRequest step) {
        long[] a = step.dims(0);
        long[] b = step.dims(1);
        if (a.length < 2 || b.length != 2) {
            return ProblemOrReason.none("an operand is a vector, or the right one a stack of matrices");
        }
        long k = b[0];
        long n = b[1];
        long rows = step.outputs().getFirst().shape().knownElements() / Math.max(1, n);
        long az = step.has(2) ? step.inputs().get(2).shape().knownElements() : 0;
        long bz = step.has(3) ? step.inputs().get(3).shape().knownElements() : 0;
        boolean perRow = az > 1;
        if (!GemmKernels.fits(rows, n) || !GemmKernels.fits(rows, k) || !GemmKernels.fits(k, n)) {
            return ProblemOrReason.none(GemmKernels.TOO_LARGE);
        }
        if (perRow && (a.length != 2 || az != rows) || bz > 1 && bz != n) {
            return ProblemOrReason.none("there is not one zero point, nor one for each row or column");
        }
        return ProblemOrReason.of(new IntegerGemmProblem(
                new ProductSize((int) rows, (int) n, (int) k),
                new ByteMatrix(step.dtype(0) == DType.INT8, az > 0 ? 2 : -1, perRow),
                new ByteMatrix(step.dtype(1) == DType.INT8, bz > 0 ? 3 : -1, bz > 1),
                step.layout(1),
                false,
                new OutputPlace(step.inputCount())));
    }

    /** The results go through the cast to float32 that the body begins with. */
    @Override
    public boolean keepsType() {
        return false;
    }

    @Override
    public int absorbed(IntegerGemmProblem product, FusedBody body) {
        return body.scaling(1, product.n()).end();
    }

    @Override
    public ProblemOrReason<IntegerGemmProblem> with(IntegerGemmProblem product, FusedBody body) {
        if (!body.castsToFloat()) {
            return ProblemOrReason.none("the body does not begin with a cast to float32");
        }
        TileEpilogue pass = body.epilogue(1);
        if (pass == null && body.parts() > 1) {
            return ProblemOrReason.none(GemmKernels.NO_LOOP);
        }
        FusedBody.Scaling scaling = body.scaling(1, product.n());
        TileEpilogue scaled = pass == null ? null : scaling.epilogue(body.epilogue(scaling.end()), pass);
        return ProblemOrReason.of(product.toFloats(new OutputPlace(body.inputs(), scaled)));
    }
}
