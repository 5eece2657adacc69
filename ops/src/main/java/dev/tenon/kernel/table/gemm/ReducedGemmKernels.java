package dev.tenon.kernel.table.gemm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.kernel.scalar.gemm.ScalarReducedGemm;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.x64.gemm.BFloat16PanelLayout;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.X64IntegerGemm;
import dev.tenon.kernel.x64.gemm.X64ReducedGemm;
import dev.tenon.op.Op;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of products of float32 with weights of fewer bits. */
public final class ReducedGemmKernels implements AnchorFamily<ReducedGemmProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ReducedGemmProblem> TABLE = new KernelTable<>(
            "gemm_reduced",
            List.of(
                    inTileRegisters("gemm_f32_as_u8_amx", ReducedGemmProblem.Kind.BYTES),
                    inTileRegisters("gemm_f32_as_bf16_amx", ReducedGemmProblem.Kind.BFLOAT16),
                    choice("gemm_f32_as_u8_x64", ReducedGemmProblem.Kind.BYTES),
                    choice("gemm_f32_as_bf16_x64", ReducedGemmProblem.Kind.BFLOAT16),
                    scalar("gemm_f32_as_u8_scalar", ReducedGemmProblem.Kind.BYTES),
                    scalar("gemm_f32_as_bf16_scalar", ReducedGemmProblem.Kind.BFLOAT16)));

    /** The family. */
    public static final ReducedGemmKernels FAMILY = new ReducedGemmKernels();

    private ReducedGemmKernels() {}

    private static KernelChoice<ReducedGemmProblem> choice(String id, ReducedGemmProblem.Kind kind) {
        return new KernelChoice<>(
                id,
                forms(kind),
                (p, c) -> p.kind() == kind && p.product().packedB() ? refuse(kind, c) : refuse(p, kind),
                (p, c, form) -> X64ReducedGemm.of(p, ByteArithmetic.of(c)));
    }

    private static KernelChoice<ReducedGemmProblem> inTileRegisters(String id, ReducedGemmProblem.Kind kind) {
        return KernelChoice.assembled(
                id,
                kind == ReducedGemmProblem.Kind.BYTES ? CodeForm.BYTE_TILES : CodeForm.BFLOAT16_TILES,
                p -> refuseTileRegisters(p, kind),
                (p, bits) -> X64ReducedGemm.ofTileRegisters(p));
    }

    /**
     * Products of bytes have the same bits without tile registers, so few rows go without. Sums of BF16 products have another
     * order in them, so the number of rows does not matter: a row has the same bits whatever stands beside it.
     */
    private static String refuseTileRegisters(ReducedGemmProblem p, ReducedGemmProblem.Kind kind) {
        String reason = refuse(p, kind);
        return reason == null && kind == ReducedGemmProblem.Kind.BYTES
                ? X64IntegerGemm.refuseTileRegisters(
                        p.product().m(), p.product().k())
                : reason;
    }

    private static KernelChoice<ReducedGemmProblem> scalar(String id, ReducedGemmProblem.Kind kind) {
        return new KernelChoice<>(
                id,
                (p, c) -> p.kind() != kind
                        ? "the weights are " + p.kind()
                        : p.product().packedB() ? "the weights are packed" : null,
                ScalarReducedGemm::new);
    }

    private static String refuse(ReducedGemmProblem p, ReducedGemmProblem.Kind kind) {
        if (p.kind() != kind) {
            return "the weights are " + p.kind();
        }
        return p.product().packedB() ? null : "the weights are not packed";
    }

    private static String refuse(ReducedGemmProblem.Kind kind, Capabilities c) {
        String reason = CodeForm.refusal(forms(kind), c);
        return reason != null || kind == ReducedGemmProblem.Kind.BFLOAT16 || c.multipliesBytes()
                ? reason
                : "products of float32 are faster on this machine";
    }

    private static List<CodeForm> forms(ReducedGemmProblem.Kind kind) {
        return kind == ReducedGemmProblem.Kind.BFLOAT16
                ? List.of(CodeForm.of(512, InstructionSet.AVX512_BF16))
                : ByteArithmetic.FORMS;
    }

    private static ReducedGemmProblem.Kind kind(Op op) {
        return op instanceof DynamicQuantizedMatMul ? ReducedGemmProblem.Kind.BYTES : ReducedGemmProblem.Kind.BFLOAT16;
    }

    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        return refuse(kind(op), step.capabilities());
    }

    @Override
    public KernelTable<ReducedGemmProblem> table(ReducedGemmProblem problem) {
        return TABLE;
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        if (input != 1 || step.constant(1) == null || step.constant(1).rank() != 2) {
            return Layout.ROW_MAJOR;
        }
        boolean taken = refuse(kind(op), step.capabilities()) == null
                && GemmKernels.fits(step.constant(1).dims());
        if (!taken) {
            return Layout.ROW_MAJOR;
        }
        return kind(op) == ReducedGemmProblem.Kind.BYTES
                ? X64ReducedGemm.panels(ByteArithmetic.of(step.capabilities()))
                : new BFloat16PanelLayout();
    }

    @Override
    public ProblemOrReason<ReducedGemmProblem> with(ReducedGemmProblem problem, FusedBody body) {
        GemmProblem fused = GemmKernels.fused(problem.product(), body);
        return fused == null
                ? ProblemOrReason.none(GemmKernels.NO_LOOP)
                : ProblemOrReason.of(new ReducedGemmProblem(fused, problem.kind()));
    }

    @Override
    public ProblemOrReason<ReducedGemmProblem> problem(Op op, KernelRequest step) {
        long[] b = step.dims(1);
        long k = b[0];
        long n = b[1];
        long m = step.outputs().getFirst().shape().knownElements() / Math.max(1, n);
        if (b.length != 2 || k == 0 || !GemmKernels.fits(m, n) || !GemmKernels.fits(m, k) || !GemmKernels.fits(k, n)) {
            return ProblemOrReason.none("there is nothing to add up, or " + GemmKernels.TOO_LARGE);
        }
        ReducedGemmProblem.Kind kind = kind(op);
        DType panels = kind == ReducedGemmProblem.Kind.BYTES ? DType.INT8 : DType.BFLOAT16;
        GemmProblem product = new GemmProblem(
                DType.FLOAT32,
                new ProductSize((int) m, (int) n, (int) k),
                MatrixStack.single(false, false),
                step.layout(1).equals(Layout.ROW_MAJOR) ? null : panels,
                1,
                Addend.NONE,
                new OutputPlace(step.inputCount()));
        return ProblemOrReason.of(new ReducedGemmProblem(product, kind));
    }
}
