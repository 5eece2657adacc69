package dev.tenon.options;

import java.util.function.Consumer;

/**
 * The values behind an immutable object that has options: a field for each, with its default. Fields are changed in
 * {@link #with} alone, before another thread sees the copy, and have immutable values.
 *
 * @param <S> the subclass
 */
public abstract class Settings<S extends Settings<S>> implements Cloneable {
    /** The defaults. */
    protected Settings() {}

    /**
     * Changes a copy.
     *
     * @param change assigns to fields of the copy
     * @return the copy
     */
    public final S with(Consumer<? super S> change) {
        try {
            @SuppressWarnings("unchecked") // S is the class of this object.
            S copy = (S) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
