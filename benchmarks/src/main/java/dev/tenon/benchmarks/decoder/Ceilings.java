package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.ceiling.Instruction;
import dev.tenon.benchmarks.ceiling.InstructionPeak;
import dev.tenon.benchmarks.ceiling.ReadPeak;
import dev.tenon.kernel.table.Tiers;
import java.util.Locale;
import java.util.stream.Stream;

/** How fast memory is read and bytes are multiplied, the best of what was seen between the turns of the engines. */
final class Ceilings {
    private final int threads;
    private ReadPeak read;
    private final Instruction instruction;
    private final InstructionPeak dots;
    private double bandwidth;
    private double peak = Double.NaN;

    /**
     * Takes memory to read.
     *
     * @param threads the threads that read
     */
    Ceilings(int threads) {
        this.threads = threads;
        read = new ReadPeak(threads);
        instruction = Stream.of(Instruction.TILE_BYTES, Instruction.BYTES_512, Instruction.BYTES_256)
                .filter(i -> i.isIn(Tiers.detect().capabilities().instructions()))
                .findFirst()
                .orElse(null);
        dots = instruction == null ? null : new InstructionPeak(instruction);
    }

    /** Measures some times. */
    void run(int times) {
        for (int i = 0; i < times; i++) {
            bandwidth = Math.max(bandwidth, read.run());
            if (dots != null) {
                long start = System.nanoTime();
                double operations = dots.run() * threads;
                double found = operations / (System.nanoTime() - start);
                peak = Double.isNaN(peak) ? found : Math.max(peak, found);
            }
        }
    }

    /** Gives the memory up. No more is measured. */
    void end() {
        read = null;
    }

    /** {@return the share of the bandwidth that a step has, whose matrices are read once} */
    double ofBandwidth(double bytes, double nanos) {
        return bytes / nanos / bandwidth;
    }

    /** {@return the share of the peak of products of bytes; NaN on a processor that has none} */
    double ofPeak(double operations, double nanos) {
        return operations / nanos / peak;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "memory is read at %.1f GB/s; %s: %.0f GOP/s on %d threads",
                bandwidth,
                instruction == null ? "no product of bytes" : instruction.title(),
                peak,
                threads);
    }
}
