package dev.tenon.op.nn;

/**
 * The lines of a tensor along one axis, which are its one-dimensional slices: {@code count} lines of {@code length}
 * elements, neighbours {@code inner} elements apart.
 */
record Lines(long count, long length, long inner) {
    static Lines of(long[] dims, int axis) {
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < dims.length; i++) {
            outer *= i < axis ? dims[i] : 1;
            inner *= i > axis ? dims[i] : 1;
        }
        return new Lines(outer * inner, dims[axis], inner);
    }

    /** The rows of a tensor, each of contiguous elements. */
    static Lines rows(long count, long length) {
        return new Lines(count, length, 1);
    }

    /** The flat index of an element of a line. */
    long at(long line, long i) {
        return (line / inner * length + i) * inner + line % inner;
    }
}
