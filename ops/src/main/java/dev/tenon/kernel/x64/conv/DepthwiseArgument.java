package dev.tenon.kernel.x64.conv;

import dev.tenon.kernel.x64.ArgumentSlot;

/** The arguments of a function that computes depthwise windows, and the variables that it keeps in memory. */
enum DepthwiseArgument implements ArgumentSlot {
    /** The first job: see {@link Job}. */
    JOBS,
    /** The number of jobs, at least 1. */
    JOB_COUNT,
    /** Bytes from a window's first tap to that of the next window. */
    X_WINDOW,
    /** Bytes from a tap of the input to the next of the line. */
    X_TAP,
    /** Bytes from a tap of the input to the one below it. */
    X_LINE,
    /** Bytes from the weights of a tap to those of the next, and from a pixel of the result to the next. */
    PIXEL,
    /** Bytes from the weights of a tap to those of the one below it. */
    W_LINE,
    /** The offset of the last vector of channels, bytes. It may overlap the one before it. */
    LAST_CHANNELS,
    /** A number for each channel, added first; 0 for none. */
    BIAS,
    /** Whether results are clipped to {@link #LEAST} and {@link #GREATEST}; 0 or 1. */
    CLIPS,
    /** The least result, float32. */
    LEAST,
    /** The greatest result, float32. */
    GREATEST,
    /** Jobs and groups that are left, the group's first tap and first result, and the offset of its channels. */
    JOBS_LEFT,
    GROUPS_LEFT,
    X_GROUP,
    Y_GROUP,
    CHANNELS;

    /** The size of a block. */
    static final int BYTES = ArgumentSlot.blockBytes(values().length);

    /** Groups of neighbouring windows of a line that read the same taps of the window. */
    enum Job {
        /** The first tap that is read. */
        X,
        /** The weights of that tap. */
        W,
        /** The first result. */
        Y,
        /** The number of groups, at least 1. */
        GROUPS,
        /** Lines of taps, 0 if all of the window is in the padding. */
        LINES,
        /** Taps of a line, at least 1 if there are lines. */
        TAPS;

        /** The size of a job. */
        static final int BYTES = values().length * Long.BYTES;

        int offset() {
            return ordinal() * Long.BYTES;
        }
    }
}
