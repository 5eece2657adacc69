package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Keeps what the kernels of an operator make of its attributes, such as tables and packed vectors, for all shapes of its operands.
 * It is made when a kernel is first prepared, and dropped with the operator. Operators that are equal but not the same object
 * have values of their own. Thread-safe.
 *
 * @param <V> what is kept. It must not refer to the operator, which would then never be dropped
 */
public final class OncePerOperator<V> {
    /** An operator by its identity: the elements of equal operators may be millions. */
    private static final class Key extends WeakReference<Op> {
        private final int hash;

        Key(Op op, ReferenceQueue<Op> dropped) {
            super(op, dropped);
            this.hash = System.identityHashCode(op);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object o) {
            return o == this || o instanceof Key other && get() != null && other.refersTo(get());
        }
    }

    private final Map<Key, V> known = new ConcurrentHashMap<>();
    private final ReferenceQueue<Op> dropped = new ReferenceQueue<>();

    /** Keeps nothing yet. */
    public OncePerOperator() {
        /* The map is empty. */
    }

    /**
     * The value of an operator.
     *
     * @param op the operator
     * @param maker makes the value, not null. Several threads may make equal ones, of which one is kept
     * @return the value
     */
    public V of(Op op, Supplier<V> maker) {
        for (Reference<? extends Op> r = dropped.poll(); r != null; r = dropped.poll()) {
            known.remove(r);
        }
        try {
            V value = known.get(new Key(op, null));
            if (value != null) {
                return value;
            }
            V made = maker.get();
            V other = known.putIfAbsent(new Key(op, dropped), made);
            return other == null ? made : other;
        } finally {
            Reference.reachabilityFence(op);
        }
    }

    /** How many operators have values. */
    int size() {
        return known.size();
    }
}
