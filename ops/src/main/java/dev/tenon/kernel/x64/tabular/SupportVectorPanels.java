package dev.tenon.kernel.x64.tabular;

import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.x64.gemm.FloatBlock;
import dev.tenon.op.tabular.model.SupportVectorModel;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntToDoubleFunction;

/**
 * The support vectors of a model and its coefficients in panels, for any number of rows. A product has the factor gamma in it.
 *
 * @param vectors the panels of the support vectors
 * @param vectorBytes bytes from a panel of them to the next
 * @param coefficients the panels of the coefficients
 * @param coefficientBytes bytes from a panel of them to the next
 */
public record SupportVectorPanels(
        MemorySegment vectors, long vectorBytes, MemorySegment coefficients, long coefficientBytes) {
    private static final int ALIGNMENT = 64;

    /**
     * Packs a model.
     *
     * @param model the model, of at least one feature
     * @param bits the width of vectors: 256 or 512
     * @return the panels
     */
    public static SupportVectorPanels of(SupportVectorModel model, int bits) {
        PanelLayout panels = new PanelLayout(FloatBlock.panelColumns(bits), true);
        int features = model.features();
        int vectors = model.vectors();
        double factor =
                model.distances() || model.function() == SupportVectorModel.Function.IDENTITY ? 1 : model.gamma();
        return new SupportVectorPanels(
                pack(panels, vectors, features, i -> factor * model.component(i / features, i % features)),
                (long) features * panels.columns() * Float.BYTES,
                pack(panels, model.sums(), vectors, i -> model.coefficient(i % vectors, i / vectors)),
                (long) vectors * panels.columns() * Float.BYTES);
    }

    private static MemorySegment pack(PanelLayout panels, int rows, int columns, IntToDoubleFunction element) {
        float[] all = new float[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) element.applyAsDouble(i);
        }
        Tensor matrix = Tensor.of(all, rows, columns);
        MemorySegment packed = Arena.ofAuto().allocate(panels.byteSize(matrix.type()), ALIGNMENT);
        panels.pack(matrix, packed);
        return packed;
    }
}
