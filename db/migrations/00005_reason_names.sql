-- +goose Up
SET LOCAL lock_timeout = '5s';
-- The API calls what a server returns a response.
UPDATE days SET reason = 'invalid_response' WHERE reason = 'invalid_answer';
UPDATE days SET reason = 'missing_in_response' WHERE reason = 'missing_in_answer';
UPDATE wakatime_connections SET failure_reason = 'invalid_response' WHERE failure_reason = 'invalid_answer';
UPDATE wakatime_connections SET failure_reason = 'missing_in_response' WHERE failure_reason = 'missing_in_answer';

-- +goose Down
SET LOCAL lock_timeout = '5s';
UPDATE days SET reason = 'invalid_answer' WHERE reason = 'invalid_response';
UPDATE days SET reason = 'missing_in_answer' WHERE reason = 'missing_in_response';
UPDATE wakatime_connections SET failure_reason = 'invalid_answer' WHERE failure_reason = 'invalid_response';
UPDATE wakatime_connections SET failure_reason = 'missing_in_answer' WHERE failure_reason = 'missing_in_response';
