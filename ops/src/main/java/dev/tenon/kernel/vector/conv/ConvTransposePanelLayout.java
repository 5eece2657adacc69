package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights {@code [c, m, h, w]}, or {@code [c, m, w]}, of a channels-last transposed convolution whose windows do not
 * overlap, packed in panels as the matrix {@code [c, h * w * m]}.
 *
 * @param columns the columns of a panel, which depend on the vector width
 */
public record ConvTransposePanelLayout(int columns) implements Layout {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    @Override
    public String id() {
        return "windows" + columns;
    }

    private static int dim(Shape shape, int axis) {
        return Math.toIntExact(shape.dim(axis).value());
    }

    @Override
    public long byteSize(TensorType type) {
        int inputs = dim(type.shape(), 0);
        return VectorPanels.byteSize(inputs, Math.toIntExact(type.shape().knownElements() / Math.max(1, inputs)));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int inputs = dim(source.type().shape(), 0);
        int outputs = dim(source.type().shape(), 1);
        float[] kernels = new float[Math.toIntExact(source.size() / Math.max(1, inputs))];
        float[] matrix = new float[Math.toIntExact(source.size())];
        int taps = kernels.length / Math.max(1, outputs);
        for (int c = 0; c < inputs; c++) {
            long from = (long) c * kernels.length * Float.BYTES;
            MemorySegment.copy(source.segment(), F32, from, kernels, 0, kernels.length);
            for (int i = 0; i < kernels.length; i++) {
                matrix[c * kernels.length + i % taps * outputs + i / taps] = kernels[i];
            }
        }
        int n = kernels.length;
        VectorPanels.pack(MemorySegment.ofArray(matrix), 0, n, inputs, n, target, 0);
    }
}
