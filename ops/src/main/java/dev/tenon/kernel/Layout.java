package dev.tenon.kernel;

import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * How the elements of a value are stored in memory. A value has one layout, and kernels declare which ones they take. Layouts
 * are compared by {@code equals}: under equal layouts a tensor has the same bytes.
 */
public interface Layout {
    /** Dense and row-major, as in a {@link Tensor}. */
    Layout ROW_MAJOR = new RowMajor();

    /**
     * The name of the layout, as plans print it.
     *
     * @return such as {@code row-major} or {@code panels32}
     */
    String id();

    /**
     * The size of a tensor in this layout.
     *
     * @param type the element type, and the shape with all dimensions known
     * @return bytes
     */
    long byteSize(TensorType type);

    /**
     * Writes a tensor in this layout.
     *
     * @param source a tensor in any kind of memory; it is read by copies only
     * @param target native memory of {@link #byteSize} bytes, aligned to 64 bytes
     */
    void pack(Tensor source, MemorySegment target);

    /** The layout of {@link #ROW_MAJOR}. */
    final class RowMajor implements Layout {
        private RowMajor() {}

        @Override
        public String id() {
            return "row-major";
        }

        @Override
        public long byteSize(TensorType type) {
            return type.dtype().byteSize(type.shape().knownElements());
        }

        @Override
        public void pack(Tensor source, MemorySegment target) {
            MemorySegment.copy(source.segment(), 0, target, 0, source.byteSize());
        }
    }
}
