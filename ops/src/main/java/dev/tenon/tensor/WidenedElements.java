package dev.tenon.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.function.Supplier;

/**
 * The elements of a tensor of 16-bit numbers as float32. They are computed when they are read, and kept as long as a reader
 * holds them: the garbage collector may take them at any time. Safe for any number of threads.
 */
final class WidenedElements {
    private static final int AT_ONCE = 1 << 12;

    private final Tensor narrow;

    /** The elements if they were computed and are still there. Threads may compute them at the same time. */
    private volatile WeakReference<MemorySegment> wide = new WeakReference<>(null);

    /**
     * The elements of a tensor.
     *
     * @param narrow a tensor of float16 or bfloat16
     */
    WidenedElements(Tensor narrow) {
        this.narrow = narrow;
    }

    /** The tensor of 16-bit numbers. */
    Tensor narrow() {
        return narrow;
    }

    /** The elements, read-only, in memory of the heap. */
    MemorySegment segment() {
        MemorySegment known = wide.get();
        if (known == null) {
            known = compute().asReadOnly();
            wide = new WeakReference<>(known);
        }
        return known;
    }

    /** Numbers that may be in a mapped file are copied before anything else reads them. */
    private MemorySegment compute() {
        Supplier<String> what = () -> "float32 elements of " + narrow.type();
        float[] all = Storage.array(narrow.size(), Float.BYTES, n -> new float[(int) n], what);
        short[] some = new short[Math.min(AT_ONCE, all.length)];
        boolean brain = narrow.dtype() == DType.BFLOAT16;
        for (int at = 0; at < all.length; at += some.length) {
            int count = Math.min(some.length, all.length - at);
            MemorySegment.copy(narrow.segment(), Elements.I16, (long) at * Short.BYTES, some, 0, count);
            for (int i = 0; i < count; i++) {
                all[at + i] = brain ? BFloat16.toFloat(some[i]) : Float16.toFloat(some[i]);
            }
        }
        return MemorySegment.ofArray(all);
    }
}
