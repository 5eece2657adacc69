package dev.tenon.plan;

import dev.tenon.op.geometry.SliceRange;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Where parts of a tensor begin in its memory, in bytes, if they can be operands of kernels. Such a part is contiguous
 * and aligned, or one of aligned parts of the rows of a tensor.
 */
final class ViewOffsets {
    private ViewOffsets() {}

    /**
     * Where a slice begins.
     *
     * @param in the type of the sliced tensor
     * @param out the type of the slice
     * @param bounds starts, ends, axes and steps; the last two null if they are left out
     * @return an offset in bytes, or -1 if the slice can't be an operand
     */
    static long slice(TensorType in, TensorType out, List<Tensor> bounds) {
        long[] dims = in.shape().toArray();
        long[] kept = out.shape().toArray();
        long[] starts = new long[dims.length];
        Tensor axes = bounds.get(2);
        Tensor steps = bounds.get(3);
        for (int k = 0; k < bounds.get(0).size(); k++) {
            if (steps != null && steps.getLong(k) != 1) {
                return -1;
            }
            int axis = (int) (axes == null ? k : axes.getLong(k));
            axis += axis < 0 ? dims.length : 0;
            starts[axis] = SliceRange.of(
                            dims[axis], bounds.get(0).getLong(k), bounds.get(1).getLong(k), 1)
                    .start();
        }
        int outer = 0;
        while (outer < dims.length && kept[outer] == 1) {
            outer++;
        }
        long offset = 0;
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            if (axis > outer && kept[axis] != dims[axis]) {
                return -1;
            }
            offset += starts[axis] * stride;
            stride *= dims[axis];
        }
        return usable(in, offset);
    }

    /**
     * Where consecutive parts along an axis begin.
     *
     * @param axis the axis, which may be negative
     * @param whole the type of the whole
     * @param parts the types of the parts, null for parts that are not used, which must be the last
     * @return an offset in bytes for each part, or null if one can't be an operand
     */
    static long[] parts(int axis, TensorType whole, List<TensorType> parts) {
        long[] dims = whole.shape().toArray();
        for (int k = 0; k < (axis < 0 ? axis + dims.length : axis); k++) {
            if (dims[k] != 1) {
                return null;
            }
        }
        long[] offsets = new long[parts.size()];
        long at = 0;
        for (int i = 0; i < offsets.length; i++) {
            if (parts.get(i) == null || at < 0) {
                return null;
            }
            offsets[i] = usable(whole, at);
            if (offsets[i] < 0) {
                return null;
            }
            at += parts.get(i).shape().knownElements();
        }
        return offsets;
    }

    /**
     * Where the first rows of parts begin that are side by side in the rows of a tensor.
     *
     * @param axis the axis along which they are side by side, which may be negative
     * @param whole the type of the tensor
     * @param parts the types of the parts
     * @return an offset in bytes for each part. Null if it is not the last axis, or if a part does not begin at a
     *     multiple of {@link MemoryPlan#ALIGNMENT} in each row
     */
    static long[] rowParts(int axis, TensorType whole, List<TensorType> parts) {
        long[] dims = whole.shape().toArray();
        int last = dims.length - 1;
        if ((axis < 0 ? axis + dims.length : axis) != last || usable(whole, dims[last]) < 0) {
            return null;
        }
        long[] offsets = new long[parts.size()];
        long at = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = usable(whole, at);
            if (offsets[i] < 0) {
                return null;
            }
            at += parts.get(i).shape().toArray()[last];
        }
        return offsets;
    }

    private static long usable(TensorType type, long elements) {
        long offset = type.dtype().byteSize(elements);
        return type.dtype().bits() % Byte.SIZE == 0 && offset % MemoryPlan.ALIGNMENT == 0 ? offset : -1;
    }
}
