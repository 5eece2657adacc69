package dev.tenon.kernel;

import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * How the elements of a value lie in memory. A value has one layout; kernels say which they take. Layouts are values:
 * equal ones hold the same bytes for the same tensor.
 */
public interface Layout {
    /** Dense and row-major, as a {@link Tensor} lies. */
    Layout ROW_MAJOR = new RowMajor();

    /**
     * The name of the layout, part of a plan's text.
     *
     * @return such as {@code row-major} or {@code panels32}
     */
    String id();

    /**
     * The bytes that a tensor takes in this layout.
     *
     * @param type element type and known shape
     * @return a number of bytes
     */
    long byteSize(TensorType type);

    /**
     * Lays a tensor out.
     *
     * @param source a tensor of any kind of memory, which is only copied from
     * @param target native memory of {@link #byteSize}, aligned to 64 bytes
     */
    void pack(Tensor source, MemorySegment target);

    /** The layout of tensors themselves. */
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
