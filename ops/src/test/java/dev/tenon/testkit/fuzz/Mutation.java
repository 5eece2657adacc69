package dev.tenon.testkit.fuzz;

import java.util.SplittableRandom;

/** Changes files of one format. Stateless. */
@FunctionalInterface
public interface Mutation {
    /**
     * Changes a file in one to a few places.
     *
     * @param file the file
     * @param other another file of the format, parts of which may be taken over
     * @param random decides what is changed; the same random numbers give the same result
     * @return the changed file
     */
    byte[] apply(byte[] file, byte[] other, SplittableRandom random);
}
