package dev.tenon.kernel;

import dev.tenon.kernel.vector.VectorPanels;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights {@code [c, m, h, w]}, or {@code [c, m, w]}, of a transposed convolution whose channels lie last and whose windows
 * lie side by side: for each row of a window the matrix {@code [c, w * m]} in panels, one behind the other.
 *
 * @param columns the columns of a panel, by which machines differ
 */
public record SeparateWindowPanels(int columns) implements Layout {
    private static final int PLANES = 4;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    @Override
    public String id() {
        return "windows" + columns;
    }

    private static int dim(Shape shape, int axis) {
        return Math.toIntExact(shape.dim(axis).value());
    }

    private static int rows(Shape shape) {
        return shape.rank() == PLANES ? dim(shape, 2) : 1;
    }

    @Override
    public long byteSize(TensorType type) {
        Shape shape = type.shape();
        int columnsOfMatrix = Math.multiplyExact(dim(shape, 1), dim(shape, -1));
        return Math.multiplyExact(rows(shape), VectorPanels.byteSize(dim(shape, 0), columnsOfMatrix));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        Shape shape = source.type().shape();
        int inputs = dim(shape, 0);
        int outputs = dim(shape, 1);
        int rows = rows(shape);
        int width = dim(shape, -1);
        int n = width * outputs;
        float[] kernels = new float[outputs * rows * width];
        float[] matrices = new float[Math.multiplyExact(rows, inputs * n)];
        for (int c = 0; c < inputs; c++) {
            long from = (long) c * kernels.length * Float.BYTES;
            MemorySegment.copy(source.segment(), F32, from, kernels, 0, kernels.length);
            for (int i = 0; i < kernels.length; i++) {
                int row = i / width % rows;
                int column = i % width * outputs + i / width / rows;
                matrices[(row * inputs + c) * n + column] = kernels[i];
            }
        }
        MemorySegment all = MemorySegment.ofArray(matrices);
        long packed = VectorPanels.byteSize(inputs, n);
        for (int row = 0; row < rows; row++) {
            VectorPanels.pack(all, (long) row * inputs * n * Float.BYTES, n, false, inputs, n, target, row * packed);
        }
    }
}
