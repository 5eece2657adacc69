package dev.tenon.fuzz;

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
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Changes files again and again and judges each. A file that ends in a way that no file before ended in becomes a seed.
 * The same seed number and the same number of files give the same files. For one thread.
 */
final class Campaign {
    /** The time after which a file is taken for one that never ends. */
    private static final long PATIENCE_SECONDS = 20;

    private static final int MOST_KEPT = 20_000;
    private static final int MOST_FAULTS = 200;
    private static final int MOST_BYTES = 1 << 15;
    private static final long STACK_BYTES = 1 << 20;

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

    /**
     * A campaign.
     *
     * @param name names it in reports
     * @param seeds files to begin with
     * @param mutation changes them
     * @param oracle judges a file
     * @param seed the seed of all random numbers
     */
    Campaign(String name, List<byte[]> seeds, Mutation mutation, Function<byte[], Outcome> oracle, long seed) {
        this.name = name;
        this.files = new ArrayList<>(seeds);
        this.given = seeds.size();
        this.mutation = mutation;
        this.oracle = oracle;
        this.random = new SplittableRandom(seed);
        this.seed = seed;
    }

    /** Judges a number of files. */
    Campaign files(long count) {
        for (long i = 0; i < count; i++) {
            next();
        }
        return this;
    }

    /** Judges files until a time. */
    Campaign until(long nanoTime) {
        while (System.nanoTime() < nanoTime) {
            next();
        }
        return this;
    }

    private void next() {
        SplittableRandom own = random.split();
        // The files that were found are fewer than those that were given, and more likely to lead on.
        boolean found = files.size() > given && own.nextInt(3) == 0;
        byte[] file = files.get(found ? own.nextInt(given, files.size()) : own.nextInt(given));
        byte[] changed = mutation.apply(file, files.get(own.nextInt(files.size())), own);
        Outcome outcome = judge(changed);
        judged++;
        counts.merge(outcome.kind(), 1L, Long::sum);
        if (outcome.isFault()) {
            fault(changed, outcome);
        } else if (signatures.size() < MOST_KEPT
                && signatures.add(outcome.signature())
                && changed.length <= MOST_BYTES) {
            files.add(changed);
        }
    }

    private Outcome judge(byte[] file) {
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        Thread judge = new Thread(
                null,
                () -> {
                    try {
                        result.complete(oracle.apply(file));
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                "judge",
                STACK_BYTES);
        judge.setDaemon(true);
        judge.start();
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            String where = String.join(
                    "\n    at ",
                    Arrays.stream(judge.getStackTrace())
                            .limit(12)
                            .map(StackTraceElement::toString)
                            .toList());
            judge.interrupt();
            return new Outcome(Outcome.Kind.TOO_MUCH, "no end after " + PATIENCE_SECONDS + " s\n    at " + where, "");
        } catch (ExecutionException e) {
            return new Outcome(Outcome.Kind.UNTYPED, "the oracle: " + e.getCause(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
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
    List<String> faults() {
        return List.copyOf(faults.values());
    }

    long judged() {
        return judged;
    }

    /** How many files ended in which way. */
    String report() {
        return name + ", seed " + seed + ": " + judged + " files of " + given + " seeds, " + signatures.size()
                + " ways to end, " + counts;
    }
}
