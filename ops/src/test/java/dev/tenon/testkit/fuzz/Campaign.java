package dev.tenon.testkit.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Changes files again and again and judges each. A file that ends in a way that no file before ended in becomes a seed.
 * The same seed number and the same number of files give the same files. For one thread; files are judged on another one.
 */
public final class Campaign {
    private static final int MOST_KEPT = 20_000;
    private static final int MOST_FAULTS = 200;
    private static final int MOST_BYTES = 1 << 15;

    /** A long campaign tells how far it is, so that its counts are known if it is ended. */
    private static final long FILES_BETWEEN_REPORTS = 10_000;

    private static final double SECOND = 1e9;

    private final String name;
    private final List<byte[]> files;
    private final int given;
    private final Mutation mutation;
    private final Function<byte[], Outcome> oracle;
    private final SplittableRandom random;
    private final Set<String> signatures = new HashSet<>();
    private final Map<Outcome.Kind, Long> counts = new EnumMap<>(Outcome.Kind.class);
    private final Map<String, String> faults = new LinkedHashMap<>();
    private final long seed;
    private long judged;
    /** The file that is being judged; null between two files. */
    private byte[] at;

    private long processorNanos;
    private long wallNanos;

    /**
     * A campaign.
     *
     * @param name names it in reports
     * @param seeds files to begin with
     * @param mutation changes them
     * @param oracle judges a file
     * @param seed the seed of all random numbers
     */
    public Campaign(String name, List<byte[]> seeds, Mutation mutation, Function<byte[], Outcome> oracle, long seed) {
        this.name = name;
        this.files = new ArrayList<>(seeds);
        this.given = seeds.size();
        this.mutation = mutation;
        this.oracle = oracle;
        this.random = new SplittableRandom(seed);
        this.seed = seed;
    }

    /** Judges a number of files. */
    public Campaign files(long count) {
        return run(() -> judged < count);
    }

    /** Judges files until a time. */
    public Campaign until(long nanoTime) {
        return run(() -> System.nanoTime() < nanoTime);
    }

    private Campaign run(BooleanSupplier more) {
        long start = System.nanoTime();
        Judge judge = new Judge(isCurrent -> next(more, isCurrent), this::stuck);
        try {
            judge.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        processorNanos += judge.processorNanos();
        wallNanos += System.nanoTime() - start;
        return this;
    }

    /** Changes and judges a file; false if no more are to be judged. */
    private boolean next(BooleanSupplier more, BooleanSupplier isCurrent) {
        byte[] changed;
        synchronized (this) {
            if (!isCurrent.getAsBoolean() || !more.getAsBoolean()) {
                return false;
            }
            SplittableRandom own = random.split();
            // The files that were found are fewer than those that were given, and more likely to lead on.
            boolean found = files.size() > given && own.nextInt(3) == 0;
            byte[] file = files.get(found ? own.nextInt(given, files.size()) : own.nextInt(given));
            changed = mutation.apply(file, files.get(own.nextInt(files.size())), own);
            at = changed;
        }
        Outcome outcome;
        try {
            outcome = oracle.apply(changed);
        } catch (RuntimeException | Error e) {
            outcome = new Outcome(Outcome.Kind.UNTYPED, "the oracle: " + e, "");
        }
        synchronized (this) {
            if (isCurrent.getAsBoolean()) {
                ended(changed, outcome);
            }
        }
        return true;
    }

    private synchronized void stuck(String where) {
        if (at != null) {
            ended(at, new Outcome(Outcome.Kind.TOO_MUCH, where, ""));
        }
    }

    private void ended(byte[] changed, Outcome outcome) {
        at = null;
        judged++;
        counts.merge(outcome.kind(), 1L, Long::sum);
        if (judged % FILES_BETWEEN_REPORTS == 0) {
            System.out.printf("%s, seed %d: %d files, %s%n", name, seed, judged, counts);
        }
        if (outcome.isFault()) {
            fault(changed, outcome);
        } else if (signatures.size() < MOST_KEPT
                && signatures.add(outcome.signature())
                && changed.length <= MOST_BYTES) {
            files.add(changed);
        }
    }

    /** Keeps a file below the folder of the build, once for each kind of fault. */
    private void fault(byte[] file, Outcome outcome) {
        if (faults.size() >= MOST_FAULTS || faults.containsKey(outcome.signature())) {
            return;
        }
        try {
            Path folder = Files.createDirectories(Path.of("target", "fuzz"));
            Path path = folder.resolve(name + "-" + Integer.toHexString(Arrays.hashCode(file)) + ".bin");
            Files.write(path, file);
            Files.writeString(path.resolveSibling(path.getFileName() + ".txt"), outcome.toString());
            faults.put(outcome.signature(), path + ": " + outcome.kind() + " " + outcome.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The faults, each with the file that shows it. */
    public List<String> faults() {
        return List.copyOf(faults.values());
    }

    public long judged() {
        return judged;
    }

    /** How many files ended in which way, and the processor time that it took to make and judge them. */
    public String report() {
        return String.format(
                Locale.ROOT,
                "%s, seed %d: %d files of %d seeds, %d ways to end, %s; %.1f s of the processor, %.1f s in all",
                name,
                seed,
                judged,
                given,
                signatures.size(),
                counts,
                processorNanos / SECOND,
                wallNanos / SECOND);
    }
}
