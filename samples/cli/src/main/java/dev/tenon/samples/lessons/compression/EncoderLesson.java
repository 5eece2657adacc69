package dev.tenon.samples.lessons.compression;

import dev.tenon.samples.Command;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** A lesson about a technique, which compresses a sentence encoder. */
interface EncoderLesson extends Command {
    @Override
    default int run(List<String> args, PrintStream out) throws IOException {
        usage().parse(args);
        return run(CompressedEncoder.load(), out) ? 0 : 1;
    }

    /**
     * Runs the lesson.
     *
     * @param encoder the encoder
     * @param out receives what happens
     * @return whether all that the lesson claims was right
     * @throws IOException if a file can't be written
     */
    boolean run(CompressedEncoder encoder, PrintStream out) throws IOException;
}
