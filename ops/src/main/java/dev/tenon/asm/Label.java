package dev.tenon.asm;

import java.util.ArrayList;
import java.util.List;

/** A place in the code of one {@link X64Assembler}. Jumps may name it before it is bound. Not thread-safe. */
public final class Label {
    private int position = -1;
    private final List<Integer> jumps = new ArrayList<>();

    /** Makes a label that is not bound yet. */
    public Label() {}

    boolean isBound() {
        return position >= 0;
    }

    int position() {
        return position;
    }

    List<Integer> jumps() {
        return jumps;
    }

    void bind(int at) {
        if (isBound()) {
            throw new IllegalStateException("the label is bound already, at " + position);
        }
        position = at;
    }
}
