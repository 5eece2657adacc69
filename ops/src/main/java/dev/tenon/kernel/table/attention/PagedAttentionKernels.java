package dev.tenon.kernel.table.attention;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.scalar.attention.PageAppend;
import dev.tenon.kernel.scalar.attention.ScalarPagedAttention;
import dev.tenon.kernel.vector.attention.VectorPagedAttention;
import dev.tenon.kernel.x64.attention.X64PagedAttention;
import dev.tenon.op.Op;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of PagedAttention. The choice does not depend on the number of tokens, so that a token has the same
 * bits in any step.
 */
public final class PagedAttentionKernels implements KernelFamily<PagedProblem> {
    /** The kernels of the family. */
    public static final KernelTable<PagedProblem> TABLE = new KernelTable<>(
            "paged-attention",
            List.of(
                    KernelChoice.assembled(
                            "paged_attention_f32_avx512",
                            CodeForm.AVX512,
                            PagedAttentionKernels::refuseAssembled,
                            (p, bits) -> new PageAppend(p, X64PagedAttention.of(p, bits))),
                    KernelChoice.assembled(
                            "paged_attention_f32_avx2",
                            CodeForm.AVX2,
                            PagedAttentionKernels::refuseAssembled,
                            (p, bits) -> new PageAppend(p, X64PagedAttention.of(p, bits))),
                    new KernelChoice<>(
                            "paged_attention_f32_vector",
                            PagedAttentionKernels::refuse,
                            p -> new PageAppend(p, VectorPagedAttention.of(p))),
                    KernelChoice.fallback(
                            "paged_attention_f32_scalar", p -> new PageAppend(p, new ScalarPagedAttention(p)))));

    /** The family. */
    public static final PagedAttentionKernels FAMILY = new PagedAttentionKernels();

    private static final int TABLE_OPERAND = 5;
    private static final int POSITIONS = 7;
    private static final long MAX_SIZE = Integer.MAX_VALUE;

    private PagedAttentionKernels() {}

    private static String refuseAssembled(PagedProblem p) {
        return p.dims().size() % X64PagedAttention.SIZES != 0
                ? "heads of " + p.dims().size() + " elements, no multiple of " + X64PagedAttention.SIZES
                : null;
    }

    private static String refuse(PagedProblem p, Capabilities c) {
        return p.dims().size() > MicroTile.DEPTH
                ? "heads have more than " + MicroTile.DEPTH + " elements"
                : c.refuseLines((double) p.dims().columns()
                        * PagedProblem.PAGE
                        * p.dims().group()
                        * p.dims().size());
    }

    @Override
    public KernelTable<PagedProblem> table(PagedProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<PagedProblem> problem(Op operator, KernelRequest step) {
        PagedAttention op = (PagedAttention) operator;
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        if (!step.isRead(0) || !step.isRead(1) || !step.isRead(2)) {
            return ProblemOrReason.none("a result is not read");
        }
        long tokens = step.dims(0)[1];
        long[] pages = step.dims(PagedProblem.PAGES);
        long[] table = step.dims(TABLE_OPERAND);
        if (pages[3] == 0 || tokens * op.heads() > MAX_SIZE || pages[0] > MAX_SIZE || pages[1] * pages[3] > MAX_SIZE) {
            return ProblemOrReason.none("heads have no elements, or an operand is too large");
        }
        if (table[0] > MAX_SIZE || table[1] > MAX_SIZE / PagedProblem.PAGE) {
            return ProblemOrReason.none("the page table is too large");
        }
        return ProblemOrReason.of(new PagedProblem(
                new PagedProblem.Dims(
                        (int) tokens,
                        (int) op.heads(),
                        (int) pages[1],
                        (int) pages[3],
                        (int) pages[0],
                        (int) table[0],
                        (int) table[1]),
                op.scale(),
                op.window(),
                op.softcap(),
                step.dtype(POSITIONS) == DType.INT64,
                step.dtype(PagedProblem.PAGES) == DType.FLOAT16));
    }
}
