package dev.tenon.compression.search;

/** A quantity that a search makes as small as the floor allows. */
public enum Objective {
    /** The bytes of the model's file. The same model, samples, options and seed give the same result. */
    SIZE,

    /** The time of a call with one sample. The result is the same for the same {@link Timings}. */
    LATENCY
}
