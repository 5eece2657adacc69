package dev.tenon.compression.fuzz;

import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import dev.tenon.testkit.fuzz.Words;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes files of named values line by line. The two lines at the start, which tell what the file is, mostly stay. */
final class LinesMutation implements Mutation {
    private static final int HEAD = 2;

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        if (random.nextInt(10) == 0) {
            return Hostile.damaged(file, random);
        }
        List<String> lines = lines(file);
        List<String> others = lines(other);
        for (int i = random.nextInt(1, 4); i > 0 && lines.size() > HEAD; i--) {
            int at = random.nextInt(30) == 0 ? random.nextInt(HEAD) : random.nextInt(HEAD, lines.size());
            switch (random.nextInt(6)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, lines.get(at));
                case 2 -> lines.set(at, others.get(random.nextInt(others.size())));
                case 3 -> value(lines, at, lines.get(random.nextInt(lines.size())));
                default ->
                    lines.set(at, Words.changed(lines.get(at), others.get(random.nextInt(others.size())), random));
            }
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    /** Gives a name the value of another one. */
    private static void value(List<String> lines, int at, String other) {
        String name = lines.get(at).replaceFirst("\t.*", "");
        lines.set(at, name + "\t" + other.substring(other.indexOf('\t') + 1));
    }

    private static List<String> lines(byte[] file) {
        return new ArrayList<>(Arrays.asList(new String(file, StandardCharsets.UTF_8).split("\n", -1)));
    }
}
