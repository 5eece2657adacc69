package dev.tenon.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Native memory of this process that is kept because it may be used again: that of idle contexts and of plans. It is given
 * back when memory runs short, before a call fails.
 */
public final class SpareMemory {
    /** Somebody who keeps memory that nothing uses at the moment. */
    public interface Holder {
        /**
         * Drops the memory. Any thread may call it.
         *
         * @return whether anything was dropped
         */
        boolean giveBack();
    }

    /** A holder that is unreachable otherwise is collected. */
    private static final Set<Holder> HOLDERS = Collections.newSetFromMap(new WeakHashMap<>());

    private SpareMemory() {}

    /**
     * Makes a holder known.
     *
     * @param holder who may have something to give back from now on; it must have the identity of an object as its
     *     equality
     */
    public static void add(Holder holder) {
        synchronized (HOLDERS) {
            HOLDERS.add(holder);
        }
    }

    /**
     * Asks all holders to give back what they have.
     *
     * @return whether any of them did
     */
    static boolean giveBack() {
        List<Holder> all;
        synchronized (HOLDERS) {
            all = new ArrayList<>(HOLDERS);
        }
        boolean any = false;
        for (Holder holder : all) {
            any |= holder != null && holder.giveBack();
        }
        return any;
    }
}
