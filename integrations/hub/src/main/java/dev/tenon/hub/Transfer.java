package dev.tenon.hub;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ChecksumException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.hub.HubException.Reason;
import dev.tenon.hub.Requests.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gets one file. Its bytes go to a file of another name beside its place, where a later call finds them if this one fails. When all are
 * there and compared, they are written to the disk and get the final name in one step.
 */
final class Transfer {
    private static final String ENDING = ".tenon.incomplete";
    private static final Pattern RANGE = Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\\*)");

    /** A tag that stands for the same bytes, not just for the same meaning, and is no line that ends. */
    private static final Pattern STRONG_TAG = Pattern.compile("\"[\\x21\\x23-\\x7e]{1,256}\"");

    /** After so many bytes more, failures count anew. */
    private static final long PROGRESS_BYTES = 1 << 20;

    private static final int LEAST_BYTES = 1 << 10;

    private final Requests requests;
    private final HubOptions options;
    private final Content content;
    private final Path target;
    private final Path part;
    private final Path tag;

    /** A transfer to a place where no file is, or one that is to be replaced. The caller has locked the place. */
    Transfer(Requests requests, Content content, Path target) {
        this.requests = requests;
        this.options = requests.options();
        this.content = content;
        this.target = target;
        this.part = target.resolveSibling(target.getFileName() + ENDING);
        this.tag = target.resolveSibling(target.getFileName() + ENDING + ".etag");
    }

    void run() throws IOException {
        Files.createDirectories(target.getParent());
        boolean again = partSize() > 0;
        int failures = 0;
        long reached = partSize();
        while (true) {
            try {
                fetch();
                content.require(part);
                finish();
                return;
            } catch (TransientException e) {
                again |= partSize() > 0;
                failures = partSize() >= reached + PROGRESS_BYTES ? 1 : failures + 1;
                reached = Math.max(reached, partSize());
                requests.await(failures, e);
            } catch (ChecksumException e) {
                discard();
                if (!again) {
                    throw e;
                }
                // Parts of two versions may have met: once more, in one piece.
                again = false;
                reached = 0;
            }
        }
    }

    private long partSize() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private void discard() throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(tag);
    }

    private void finish() throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        move(part, target);
        Files.deleteIfExists(tag);
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Adds what is missing to the part, by one request. */
    private void fetch() throws IOException, TransientException {
        long at = partSize();
        if (content.size() >= 0 && at > content.size()) {
            discard();
            at = 0;
        }
        if (at > 0 && at == content.size()) {
            return;
        }
        Map<String, String> headers = new HashMap<>();
        String known = Files.exists(tag) ? Files.readString(tag) : "";
        if (at > 0) {
            headers.put("Range", "bytes=" + at + "-");
            if (STRONG_TAG.matcher(known).matches()) {
                headers.put("If-Range", known);
            }
        }
        try (Answer answer = requests.send("GET", content.name(), content.address(), headers)) {
            long total = total(answer, at, known);
            checkSize(total);
            long from = answer.status() == 206 ? at : 0;
            if (from == 0) {
                discard();
            }
            String found = answer.header("etag").orElse("");
            if (STRONG_TAG.matcher(found).matches()) {
                Files.writeString(tag, found);
            }
            checkSpace(total - from);
            receive(answer, from, total);
        }
    }

    /** The bytes of the whole file as the answer tells, below zero if it does not. */
    private long total(Answer answer, long at, String known) throws IOException, TransientException {
        long total = answer.number("content-length");
        if (answer.status() == 416) {
            throw changed("no bytes after byte " + at);
        }
        if (answer.status() == 206) {
            Matcher range = RANGE.matcher(answer.header("content-range").orElse(""));
            if (!range.matches() || Long.parseLong(range.group(1)) != at) {
                throw changed("another range than from byte " + at);
            }
            if (!known.isEmpty() && !answer.header("etag").orElse(known).equals(known)) {
                throw changed("bytes after byte " + at + " of another version");
            }
            total = range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2));
        }
        if (content.size() >= 0 && total >= 0 && total != content.size()) {
            throw changed(total + " bytes, where " + content.size() + " were announced");
        }
        return total >= 0 ? total : content.size();
    }

    /** The server has other bytes than those that came before: the next try starts from the beginning. */
    private TransientException changed(String found) throws IOException {
        discard();
        return new TransientException(
                new HubException(
                        Reason.CONTRADICTION,
                        content.name(),
                        Addresses.text(content.address()) + " has " + found,
                        "one file that stays as it is",
                        "try again later, or check the server or mirror that answers"),
                Duration.ZERO);
    }

    private void checkSize(long bytes) throws IOException {
        if (bytes > options.maxBytes()) {
            discard();
            throw new ResourceLimitException(
                    content.name(),
                    bytes + " bytes or more",
                    "at most " + options.maxBytes() + " bytes",
                    "raise HubOptions.maxBytes if the server is trusted");
        }
    }

    private void checkSpace(long bytes) throws IOException {
        long space = Files.getFileStore(part.getParent()).getUsableSpace();
        if (bytes > space) {
            throw new ModelFileException(
                    part.getParent().toString(),
                    space + " bytes of space",
                    bytes + " bytes for " + content.name(),
                    "make room, or set HubOptions.cache to another folder");
        }
    }

    private void receive(Answer answer, long from, long total) throws IOException, TransientException {
        long at = from;
        ProgressMeter meter = new ProgressMeter(content.name(), from, options.progress(), System::nanoTime);
        long began = System.nanoTime();
        long bytesSince = 0;
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (List<ByteBuffer> bytes = next(answer); bytes != null; bytes = next(answer)) {
                for (ByteBuffer each : bytes) {
                    bytesSince += each.remaining();
                    at += each.remaining();
                    checkSize(at);
                    while (each.hasRemaining()) {
                        channel.write(each);
                    }
                }
                if (System.nanoTime() - began >= options.timeout().toNanos()) {
                    if (bytesSince < LEAST_BYTES) {
                        throw requests.stalled(content.name(), content.address(), bytesSince + " bytes", null);
                    }
                    began = System.nanoTime();
                    bytesSince = 0;
                }
                meter.advance(at, total);
            }
        }
        if (total >= 0 && at < total) {
            throw brokenOff("the end after byte " + at + " of " + total, null);
        }
        meter.report(at, total);
    }

    private List<ByteBuffer> next(Answer answer) throws TransientException {
        try {
            return answer.body().next(requests.deadline().atMost(options.timeout(), content.name()));
        } catch (InterruptedException e) {
            throw Deadline.interrupted(content.name(), e);
        } catch (IOException e) {
            throw Requests.unreachable(content.name(), content.address(), e.getCause());
        }
    }

    private TransientException brokenOff(String found, Exception cause) {
        return new TransientException(
                new HubException(
                        Reason.UNREACHABLE,
                        content.name(),
                        found + " from " + Addresses.text(content.address()),
                        "the whole file",
                        "try again later",
                        cause),
                Duration.ZERO);
    }
}
