package dev.tenon.kernel;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * A pool of the arrays that runs of kernels work in. A run takes an instance and gives it back at its end, so runs allocate
 * nothing once the pool holds as many instances as there are simultaneous runs. Safe for any number of threads.
 *
 * @param <T> the class of the arrays
 */
public final class ScratchPool<T> {
    private static final int SLOTS = 64;

    private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>(SLOTS);
    private final Supplier<T> source;

    /**
     * An empty pool.
     *
     * @param source makes an instance
     */
    public ScratchPool(Supplier<T> source) {
        this.source = source;
    }

    private static int start() {
        return (int) Thread.currentThread().threadId();
    }

    /**
     * Takes an instance, which belongs to the caller until {@link #give}.
     *
     * @return the instance, whose contents are undefined
     */
    public T take() {
        int start = start();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (slots.getPlain(slot) != null) {
                T free = slots.getAndSet(slot, null);
                if (free != null) {
                    return free;
                }
            }
        }
        return source.get();
    }

    /**
     * Puts an instance back. If the pool is full, it becomes garbage.
     *
     * @param instance the instance
     */
    public void give(T instance) {
        int start = start();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, instance)) {
                return;
            }
        }
    }
}
