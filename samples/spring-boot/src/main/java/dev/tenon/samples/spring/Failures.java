package dev.tenon.samples.spring;

import dev.tenon.error.TenonException;
import dev.tenon.samples.serve.Failure;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Failed predictions as statuses of HTTP, by the same rules as those of the server of the Open Inference Protocol. */
@RestControllerAdvice
class Failures {
    @ExceptionHandler
    ProblemDetail failed(TenonException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.valueOf(Failure.of(e).status()), Failure.message(e));
    }
}
